using System.Diagnostics;
using System.Globalization;
using EngineBench;
using Inference;
using Inference.Compute;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx;
using Inference.Repository;
using Inference.Repository.Trust;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

// Measures predictions of callers in a closed loop, and compares them with the bare session. Each call starts as a work item of the thread
// pool, as in a web server. Prints requests/s, microseconds per request of a caller, and bytes allocated per prediction.
var seconds = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 1;
var digits = ModelName.Parse("digits");
var empty = new SpinRuntime(TimeSpan.Zero, TimeSpan.Zero, ExecutionPlan.Default);
var memoryBound = new SpinRuntime(TimeSpan.FromMicroseconds(500), TimeSpan.FromMicroseconds(15), ExecutionPlan.Default);
var flat = new SpinRuntime(TimeSpan.Zero, TimeSpan.FromMicroseconds(200), new ExecutionPlan(Threads: 1, MaxBatch: 1));

var cache = Path.Combine(Path.GetTempPath(), "bench-engine");
using var preparation = new Governor();
var onnx = new OnnxModelRuntime(
    preparation, cache, shared: null, TimeProvider.System, NullLogger<OnnxModelRuntime>.Instance);

Console.WriteLine("| model | callers | requests/s | us | bytes | items/run |");
Console.WriteLine("|---|---|---|---|---|---|");
await MeasureAsync("digits", new DirectoryModelStore("models", TrustPolicy.Default, cache), onnx, null, new Shape(1, 64));
await MeasureAsync("empty model", new FakeModelStore().Add("digits"), empty, empty, new Shape(1, 2));
await MeasureAsync("500 us + 15 us an item", new FakeModelStore().Add("digits"), memoryBound, memoryBound, new Shape(1, 2));
await MeasureAsync("200 us an item, no batches", new FakeModelStore().Add("digits"), flat, flat, new Shape(1, 2));

async Task MeasureAsync(string title, IModelStore store, IModelRuntime runtime, SpinRuntime? spin, Shape shape)
{
    using var governor = new Governor();
    await using var catalog = TestCatalog.Create(store, runtime, TestBudget.Unlimited(), TimeProvider.System);
    var predictor = new Predictor(catalog, governor, TimeProvider.System);
    var version = (await store.ListAsync(digits, CancellationToken.None))[0];
    await using var session = await runtime.LoadAsync(
        version.Id, await store.FetchAsync(version, CancellationToken.None), ModelSettings.Default, CancellationToken.None);
    var input = session.Signature.Inputs[0].Name;

    await RunAsync(title + ", bare session", 1, spin, async () =>
    {
        using var tensor = Tensor.Rent(ElementType.Float32, shape);
        tensor.Data.Span.Clear();
        foreach (var output in await session.RunAsync([tensor], [0], CancellationToken.None))
            output.Dispose();
    });
    foreach (var callers in (int[])[1, 16, 64])
    {
        await RunAsync(title, callers, spin, async () =>
        {
            using var prediction = await predictor.PredictAsync(digits, null, shape, (shape, _) =>
            {
                var tensor = Tensor.Rent(ElementType.Float32, shape);
                tensor.Data.Span.Clear();
                return new PredictionRequest { Inputs = { new RequestInput(input, tensor, "x") } };
            }, CancellationToken.None);
        });
    }
}

async Task RunAsync(string title, int callers, SpinRuntime? spin, Func<Task> predict)
{
    await LoopAsync(callers, predict, 0.5);
    spin?.Reset();
    var allocated = GC.GetTotalAllocatedBytes(precise: true);
    var started = Stopwatch.GetTimestamp();
    var count = await LoopAsync(callers, predict, seconds);
    var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
    var bytes = (GC.GetTotalAllocatedBytes(precise: true) - allocated) / (double)count;
    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {title} | {callers} | {count / elapsed:N0} | {elapsed * 1e6 * callers / count:N1} | {bytes:N0} | "
        + $"{spin?.ItemsPerRun ?? 0:N1} |"));
}

static async Task<long> LoopAsync(int callers, Func<Task> predict, double seconds)
{
    var (count, started) = (0L, Stopwatch.GetTimestamp());
    await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
    {
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
        {
            await predict();
            Interlocked.Increment(ref count);
            await Task.Yield();
        }
    })));
    return count;
}
