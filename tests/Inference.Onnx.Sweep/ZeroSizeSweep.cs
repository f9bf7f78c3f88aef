using Inference.Onnx.Graph;
using Inference.Onnx.ZeroSizes;

namespace Inference.Onnx.Sweep;

/// <summary>
/// Runs models on inputs with dimensions of size 0, in child processes that may crash, and lists the operators that survive. As in the
/// server, the optimized graph runs. So the list also contains operators that the optimizer inserts.
/// </summary>
internal sealed class ZeroSizeSweep : IDisposable
{
    /// <summary>
    /// The number of crashes after which a model or an operator is not run again. Each crash takes seconds, and more crashes show nothing
    /// new.
    /// </summary>
    private const int EnoughCrashes = 2;

    private readonly ProbeProcess _probe = new(TimeSpan.FromSeconds(5));
    private readonly string _folder = Directory.CreateTempSubdirectory("sweep").FullName;
    private readonly SortedDictionary<string, OperatorRecord> _operators = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _introduced = new(StringComparer.Ordinal);
    private readonly List<(string Name, SortedSet<string> Operators)> _unexplained = [];

    public int Runs { get; private set; }

    public async Task AddAsync(TestCase one)
    {
        if (one.ReadInputs() is not { } inputs)
            return;
        var bytes = await File.ReadAllBytesAsync(one.ModelPath);
        foreach (var model in SweepModel.CreateVariants(bytes, inputs))
            await AddAsync(one.Name, model);
    }

    /// <summary>Returns a line for each operator that survives, and comments about the others.</summary>
    public IEnumerable<string> Report()
    {
        // A crash of a model with several operators is attributed to an operator that also crashes alone. Without such an operator, all are
        // suspects.
        foreach (var (name, operators) in _unexplained)
        {
            if (operators.Any(known => _operators[known].Crashes.Count > 0))
                continue;
            foreach (var suspect in operators)
                _operators[suspect].Crashes.Add($"{name} (not alone)");
        }

        foreach (var (name, _) in _operators.Where(one => one.Value.Survives))
            yield return name;
        foreach (var (name, record) in _operators.Where(one => !one.Value.Survives))
            yield return $"# {name}: {(record.Crashes.Count == 0 ? "never ran" : $"ends the process, such as {record.Crashes[0]}")}";
        yield return $"# put in by the optimizer: {string.Join(", ", _introduced)}";
    }

    public void Dispose()
    {
        _probe.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task AddAsync(string name, SweepModel model)
    {
        var (path, optimized) = (Path.Combine(_folder, "model.onnx"), Path.Combine(_folder, "optimized.onnx"));
        await File.WriteAllBytesAsync(path, model.Bytes);
        var written = OperatorsOf(path);
        if (written.All(known => _operators.TryGetValue(known, out var record) && record.Crashes.Count >= EnoughCrashes))
            return;
        SortedSet<string>? run = null;
        var crashes = 0;
        foreach (var inputs in model.WithZeros())
        {
            if (run is null)
                File.Delete(optimized);
            var result = await _probe.RunAsync(new ProbeJob(path, inputs, Threads: 1 + (Runs++ % 2), run is null ? optimized : null));
            if (result.Outcome == ProbeOutcome.NotLoaded)
                return;
            run ??= File.Exists(optimized) ? OperatorsOf(optimized) : [];
            _introduced.UnionWith(run.Except(written).Where(added => added.Contains('.')));
            var shapes = string.Join(' ', inputs.Select(input => $"[{string.Join(',', input.Shape)}]"));
            Record($"{name} {shapes}: {result.Outcome} {result.Message}",
                new SortedSet<string>(run.Concat(written), StringComparer.Ordinal), run, result.Outcome);
            crashes += result.Outcome is ProbeOutcome.Crashed or ProbeOutcome.TimedOut ? 1 : 0;
            if (crashes == EnoughCrashes)
                return;
        }
    }

    private void Record(string run, SortedSet<string> operators, SortedSet<string> executed, ProbeOutcome outcome)
    {
        foreach (var name in operators)
        {
            var record = _operators.TryGetValue(name, out var known) ? known : _operators[name] = new OperatorRecord();
            record.Succeeded += outcome is ProbeOutcome.Succeeded or ProbeOutcome.NotTensors ? 1 : 0;
        }

        if (outcome is not (ProbeOutcome.Crashed or ProbeOutcome.TimedOut))
            return;
        Console.WriteLine($"{string.Join('+', operators)}: {run}");
        if (executed.Count == 1 || operators.Count == 1)
        {
            foreach (var name in operators)
                _operators[name].Crashes.Add(run);
        }
        else
        {
            _unexplained.Add((run, operators));
        }
    }

    private static SortedSet<string> OperatorsOf(string path) =>
        new(ModelOperators.FindAll(OnnxModelReader.Read(path, CancellationToken.None)).Select(node => node.Case), StringComparer.Ordinal);
}
