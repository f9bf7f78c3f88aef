using Inference.Models;
using Inference.Onnx.Preparation;
using Inference.Serving;
using Inference.Testing;

namespace Inference.Onnx.Tests.Preparation;

public sealed class PlanSweepTests : IDisposable
{
    private readonly TempFolder _cache = new();

    /// <summary>Microseconds of a run of 1, 2, 4, ... items.</summary>
    [Theory]
    [InlineData(32, 5, 5, 5, 5, 5, 5)]
    [InlineData(1, 100, 200, 400, 800, 1600, 3200)]
    [InlineData(1, 100, 280, 570, 1140, 2280, 4570)]
    [InlineData(8, 100, 150, 250, 400, 790, 1580)]
    [InlineData(4, 100, 195, 380, 780, 1550, 3100)]
    [InlineData(32, 100, 210, 420, 840, 1680, 2000)]
    [InlineData(2, 90_000, 120_000)]
    [InlineData(1, 290_000)]
    public void Choose_TakesTheLargestSizeThatStillPays(int expected, params int[] microseconds)
    {
        var times = microseconds.Select((run, index) => new BatchTime(1 << index, TimeSpan.FromMicroseconds(run)));

        Assert.Equal(new ExecutionPlan(Threads: 1, expected), PlanSweep.Choose(times));
    }

    [Theory]
    [InlineData("heavy", 8, 32)]
    [InlineData("pairs", 1, 4)]
    public async Task PrepareAsync_Model_FindsTheBatchThatSuitsIt(string model, int least, int most)
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        using var session = await runtime.PrepareAsync(TestModels.Path(model));

        Assert.InRange(session.Plan.MaxBatch, least, most);
        Assert.Equal(1, session.Plan.Threads);
    }

    [Theory]
    [InlineData("dynamic_inner")]
    [InlineData("identity_string")]
    [InlineData("fixed_batch")]
    [InlineData("slow")]
    public async Task PrepareAsync_MadeUpInputsTellNothing_KeepsTheDefaultPlan(string model)
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        using var session = await runtime.PrepareAsync(TestModels.Path(model));

        Assert.Equal(ExecutionPlan.Default, session.Plan);
    }

    [Fact]
    public async Task LoadAsync_PlanIsCached_IsUsedAtOnceAndNotMeasuredAgain()
    {
        var model = TestModels.Path("two_in_two_out");
        using (var runtime = new PreparingRuntime(_cache.Path))
            (await runtime.PrepareAsync(model)).Dispose();
        var entry = Assert.Single(Directory.GetFiles(_cache.Combine("optimized"), "*.entry"));
        var fields = (await File.ReadAllTextAsync(entry)).Split(' ');
        await File.WriteAllTextAsync(entry, $"{fields[0]} {fields[1]} 1 7\n");

        using var next = new PreparingRuntime(_cache.Path);
        using var session = await next.LoadAsync(model);

        Assert.Equal(new ExecutionPlan(1, 7), session.Plan);
        Assert.True(session.Background.IsCompleted);
    }

    [Fact]
    public async Task RunAsync_Cancelled_Ends()
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        using var session = await runtime.LoadAsync(TestModels.Path("heavy"));
        using var governor = new Governor(slots: 1);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => PlanSweep.RunAsync(session, governor, new CancellationToken(canceled: true)));
    }

    public void Dispose() => _cache.Dispose();
}
