using System.Diagnostics;
using Inference.Catalog.Memory;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Inference.Onnx.Tests.Preparation;

public sealed class ModelPreparationTests : IDisposable
{
    private readonly TempFolder _cache = new();

    [Fact]
    public async Task PrepareAsync_NoRoomForAnotherSession_IsSkippedWithTheNumbersAndTriedAtTheNextLoad()
    {
        var model = TestModels.Path("heavy");
        using (var runtime = new PreparingRuntime(_cache.Path, memory: Budget(available: 1 << 20)))
        {
            await using var session = await runtime.PrepareAsync(model);
            var reason = Assert.Single(runtime.Logged, line => line.Text.Contains("no optimized graph", StringComparison.Ordinal)).Text;
            Assert.Contains("1048576", reason, StringComparison.Ordinal);
        }

        Assert.Empty(Directory.GetFiles(_cache.Combine("optimized"), "*"));
        var memory = Budget(available: 1 << 30);
        using var next = new PreparingRuntime(_cache.Path, memory: memory);
        await using var again = await next.PrepareAsync(model);

        Assert.Single(Directory.GetFiles(_cache.Combine("optimized"), "*.ort"));
        Assert.Single(Directory.GetFiles(_cache.Combine("optimized"), "*.entry"));
        Assert.NotNull(memory.TryReserve(1 << 30));
    }

    /// <summary>On a full disk, ONNX Runtime writes the beginning of a file.</summary>
    [Fact]
    public async Task PrepareAsync_GraphIsWrittenInPart_IsWrittenAgainAtTheNextLoad()
    {
        var model = TestModels.Path("heavy");
        using (var runtime = new PreparingRuntime(_cache.Path) { BuildGraph = (_, path, _) => File.WriteAllText(path, "") })
        {
            await using var session = await runtime.PrepareAsync(model);
            Assert.Contains(runtime.Logged, line => line.Text.Contains("no optimized graph", StringComparison.Ordinal));
        }

        Assert.Empty(Directory.GetFiles(_cache.Combine("optimized")));
        using var next = new PreparingRuntime(_cache.Path);
        await using var again = await next.PrepareAsync(model);

        Assert.Single(Directory.GetFiles(_cache.Combine("optimized"), "*.ort"));
    }

    /// <summary>GovernorTests asserts how long background work waits, in simulated time. Here, the work only has to end.</summary>
    [Theory(Timeout = WaitLimit.TestMilliseconds)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task PrepareAsync_UnderFullLoadOfOtherModels_Ends(int models)
    {
        using var runtime = new PreparingRuntime(_cache.Path);

        await UnderLoadAsync(runtime, models, async () =>
        {
            await using var session = await runtime.PrepareAsync(TestModels.Path("heavy"));
        });

        Assert.Single(Directory.GetFiles(_cache.Combine("optimized"), "*.entry"));
    }

    [Theory(Timeout = WaitLimit.TestMilliseconds)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task LoadAsync_UnderFullLoadOfOtherModels_IsExamined(int models)
    {
        using var runtime = new PreparingRuntime(_cache.Path) { Contract = ContractChoice.Proven };

        await UnderLoadAsync(runtime, models, async () =>
        {
            await using var session = await runtime.LoadAsync(TestModels.Path("two_in_two_out"));
            runtime.BeginPreparation();
            await session.BatchExamined;
            Assert.Equal(BatchVerdictKind.Proven, session.BatchVerdict.Kind);
        });
    }

    public void Dispose() => _cache.Dispose();

    private static MemoryBudget Budget(long available) =>
        new(long.MaxValue / 2, available, () => 0, TimeProvider.System, NullLogger<MemoryBudget>.Instance);

    /// <summary>Does work while other models keep both slots busy.</summary>
    private static async Task UnderLoadAsync(PreparingRuntime runtime, int models, Func<Task> work)
    {
        var store = new FakeModelStore();
        foreach (var model in Enumerable.Range(0, models))
            store.Add($"m{model}");
        await using var catalog = TestCatalog.Create(store, new FakeModelRuntime { Run = SpinAsync });
        var predictor = new Predictor(catalog, runtime.Governor, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4 * models)
            .Select(caller => Task.Run(() => CallAsync(predictor, $"m{caller % models}", stop.Token)))
            .ToArray();

        await work();
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(callers), answers => Assert.InRange(answers, 1, int.MaxValue));
    }

    private static Task<Tensor> SpinAsync(Tensor input, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started).TotalMilliseconds < 5)
            Thread.SpinWait(100);
        return Task.FromResult(FakeModelRuntime.Double(input));
    }

    private static async Task<int> CallAsync(Predictor predictor, string model, CancellationToken stop)
    {
        var answers = 0;
        while (answers == 0 || !stop.IsCancellationRequested)
        {
            try
            {
                using var answer = await predictor.PredictAsync(
                    ModelName.Parse(model), version: default, 1f, (value, _) => Request(value), CancellationToken.None);
                answers++;
            }
            catch (InferenceException e) when (e.Error == InferenceError.Overloaded)
            {
                // On a machine that stalls, the queue of a model may be too long for a while.
                await Task.Yield();
            }
        }

        return answers;
    }

    private static PredictionRequest Request(float value) =>
        new() { Inputs = { new RequestInput("x", OnnxFixture.Floats(new Shape(1, 2), value, value), "x") } };
}
