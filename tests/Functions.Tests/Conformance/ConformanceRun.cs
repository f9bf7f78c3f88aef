using System.Text;
using Inference.Onnx.Sweep;
using Inference.Testing;

namespace Functions.Tests.Conformance;

/// <summary>Sends test cases to the real server, and compares the responses with the outputs of ONNX Runtime in a child process.</summary>
internal sealed class ConformanceRun(IReadOnlyList<TestCase> cases) : IAsyncDisposable
{
    private readonly ModelFolder _folder = new();
    private readonly ProbeProcess _probe = new(WaitLimit.Step);
    private FunctionsProcess? _server;

    public async Task<IReadOnlyList<ConformanceResult>> RunAsync()
    {
        foreach (var model in cases.DistinctBy(one => one.Name))
        {
            foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(model.ModelPath)!))
                _folder.Write(await File.ReadAllBytesAsync(file), model.Name, "1", Path.GetFileName(file));
        }

        _server = await _folder.ServeAsync();
        var results = new List<ConformanceResult>();
        foreach (var one in cases)
        {
            var (outcome, detail) = await RunAsync(one);
            results.Add(new ConformanceResult($"{one.Name}/{Path.GetFileName(one.InputFolder)}", outcome, detail));
        }

        return results;
    }

    public async ValueTask DisposeAsync()
    {
        _probe.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<(ConformanceOutcome Outcome, string Detail)> RunAsync(TestCase one)
    {
        try
        {
            var inputs = one.ReadInputs();
            var expected = inputs is null
                ? ProbeResult.Failed(ProbeOutcome.NotTensors, "The inputs are not tensors.")
                : await _probe.RunAsync(new ProbeJob(one.ModelPath, inputs, Threads: 1));
            if (inputs is null || expected.Names.Length == 0)
                return await AskForModelAsync(one.Name, expected);
            var (outputs, error) = await BinaryInference.SendAsync(_server!.Client, one.Name, [.. expected.Names.Zip(inputs)]);
            if (outputs is null)
                return (expected.Outcome == ProbeOutcome.Succeeded ? ConformanceOutcome.Refused : ConformanceOutcome.RefusedByBoth, error);
            if (expected.Outcome == ProbeOutcome.NotTensors)
                return (ConformanceOutcome.InParts, "");
            if (expected.Outcome != ProbeOutcome.Succeeded)
                return (ConformanceOutcome.Different, $"ONNX Runtime: {expected.Outcome} {expected.Message}");
            if (Difference(expected.Outputs, outputs) is not { } difference)
                return (ConformanceOutcome.Equal, "");
            if (OutputTolerance.AreClose(expected.Outputs, outputs))
                return (ConformanceOutcome.EqualButRounding, "");
            var again = await _probe.RunAsync(new ProbeJob(one.ModelPath, inputs, Threads: 1));
            return (Difference(expected.Outputs, again.Outputs) is not null || IsRandom(one.ModelPath))
                && IsEqualInForm(expected.Outputs, outputs)
                ? (ConformanceOutcome.EqualTypeAndShape, "")
                : (ConformanceOutcome.Different, difference);
        }
        catch (HttpRequestException e)
        {
            var detail = $"{e.Message} {_server!.LastOutput()}";
            await _server.DisposeAsync();
            _server = await _folder.ServeAsync();
            return (ConformanceOutcome.Crashed, detail);
        }
    }

    /// <summary>Checks that the server refuses a model that ONNX Runtime does not load, or whose inputs are not tensors.</summary>
    private async Task<(ConformanceOutcome Outcome, string Detail)> AskForModelAsync(string model, ProbeResult expected)
    {
        using var response = await _server!.Client.GetAsync(new Uri($"/v2/models/{model}", UriKind.Relative));
        var text = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? (ConformanceOutcome.Different, $"The server takes the model; ONNX Runtime: {expected.Outcome} {expected.Message}")
            : (ConformanceOutcome.RefusedByBoth, $"{(int)response.StatusCode} {text}");
    }

    /// <summary>
    /// Whether a model computes random numbers. Two new sessions compute the same numbers in their first run, but the server may have run
    /// the model before.
    /// </summary>
    private static bool IsRandom(string modelPath) => File.ReadAllText(modelPath, Encoding.Latin1) is var model
        && (model.Contains("Random", StringComparison.Ordinal) || model.Contains("Bernoulli", StringComparison.Ordinal)
            || model.Contains("Multinomial", StringComparison.Ordinal));

    private static string? Difference(TestTensor[] expected, TestTensor[] found)
    {
        for (var i = 0; i < expected.Length; i++)
        {
            if (i >= found.Length || found[i].Type != expected[i].Type || !found[i].Shape.SequenceEqual(expected[i].Shape))
                return $"Output {i} is not of the type {expected[i].Type} and the shape [{string.Join(',', expected[i].Shape)}].";
            if (!found[i].Data.AsSpan().SequenceEqual(expected[i].Data))
            {
                return $"Output {i} differs from "
                    + $"byte {found[i].Data.AsSpan().CommonPrefixLength(expected[i].Data)} of {expected[i].Data.Length} on.";
            }
        }

        return expected.Length == found.Length ? null : $"{found.Length} outputs instead of {expected.Length}.";
    }

    private static bool IsEqualInForm(TestTensor[] expected, TestTensor[] found) =>
        expected.Select(Form).SequenceEqual(found.Select(Form));

    private static string Form(TestTensor tensor) => $"{tensor.Type} {string.Join(',', tensor.Shape)}";
}
