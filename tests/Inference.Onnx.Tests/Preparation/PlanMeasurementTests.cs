using System.Numerics;
using Inference.Compute;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx.Preparation;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Onnx.Tests.Preparation;

public sealed class PlanMeasurementTests : IDisposable
{
    private readonly TempFolder _cache = new();

    /// <summary>The numbers are the times of runs with 1, 2, 4, ... items, in microseconds.</summary>
    [Theory]
    [InlineData(32, 5, 5, 5, 5, 5, 5)]
    [InlineData(1, 100, 200, 400, 800, 1600, 3200)]
    [InlineData(1, 100, 280, 570, 1140, 2280, 4570)]
    [InlineData(8, 100, 150, 250, 400, 790, 1580)]
    [InlineData(4, 100, 195, 360, 700, 1400, 2800)]
    [InlineData(1, 100, 195, 380, 760, 1520, 3040)]
    [InlineData(32, 100, 210, 420, 840, 1680, 2000)]
    [InlineData(2, 90_000, 120_000)]
    [InlineData(1, 290_000)]
    public void Choose_TakesTheLargestSizeThatStillPays(int expected, params int[] microseconds)
    {
        var times = microseconds.Select((run, index) => new BatchTime(1 << index, TimeSpan.FromMicroseconds(run)));

        Assert.Equal(expected, PlanMeasurement.ChooseBatchTime(times).Items);
    }

    /// <summary>The work of a run grows with the square of its items, so few items share a run. The default is 32.</summary>
    [Fact]
    public async Task PrepareAsync_LargeRunsAreSlow_FindsASmallBatch()
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.PrepareAsync(TestModels.Path("pairs"));

        Assert.InRange(session.Plan.MaxBatch, 1, 4);
        Assert.InRange(session.Plan.Threads, 1, PreparingRuntime.Slots);
    }

    [Theory]
    [InlineData("dynamic_inner")]
    [InlineData("identity_string")]
    [InlineData("fixed_batch")]
    [InlineData("slow")]
    public async Task PrepareAsync_InputsAreNotRepresentative_KeepsTheDefaultPlan(string model)
    {
        using var runtime = new PreparingRuntime(_cache.Path, limitsTrials: true);
        await using var session = await runtime.PrepareAsync(TestModels.Path(model));

        Assert.Equal(ExecutionPlan.Default, session.Plan);
    }

    [Fact]
    public async Task PrepareAsync_ThreadsAreFixed_Stay()
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.PrepareAsync(TestModels.Path("heavy"), new ExecutionSettings { Threads = 2 });

        Assert.Equal(2, session.Plan.Threads);
    }

    /// <summary>Two items take 2.4 times as long as one. In the first turns, other load makes every run three times slower.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    public async Task TryChooseBatchAsync_MachineIsSlowForAWhile_IsNotMistakenForTheModel(int slowTurns)
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(TestModels.Path("heavy"));
        using var governor = new Governor(slots: 1);
        var turn = 0;
        var sut = new PlanMeasurement(new TrialRuns(governor, TimeProvider.System), (_, _, size, _) =>
        {
            var run = TimeSpan.FromMilliseconds(Math.Pow(2.4, Math.Log2(size.Items)) * (turn++ < slowTurns ? 3 : 1));
            return (run, run);
        });

        Assert.True(await sut.TryChooseBatchAsync(session, CancellationToken.None));

        Assert.Equal(1, session.Plan.MaxBatch);
    }

    /// <summary>The tokens of a run limit its items, so only the threads are measured, with an item of a few sentences.</summary>
    [Fact]
    public async Task ChooseThreadsAsync_ModelOfTokens_IsMeasuredWithTexts()
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(TestModels.Path("embedder"));
        using var governor = new Governor(slots: 2);
        var shapes = new HashSet<Shape>();
        MeasureTurn timer = (measured, inputs, _, _) =>
        {
            shapes.UnionWith(inputs.Select(input => input.Shape));
            return (TimeSpan.FromMilliseconds(measured.Plan.Threads == 1 ? 10 : 6), default);
        };
        var sut = new PlanMeasurement(new TrialRuns(governor, TimeProvider.System), timer) { MeasuresBatches = false };
        Assert.True(await sut.TryRunInTimeAsync(session, CancellationToken.None));
        Assert.True(await sut.TryChooseBatchAsync(session, CancellationToken.None));

        await sut.ChooseThreadsAsync(session, Open(runtime, "embedder"), CancellationToken.None);

        Assert.Equal([new Shape(1, 64)], shapes);
        Assert.Equal(ExecutionPlan.Default with { Threads = 2 }, session.Plan);
    }

    /// <summary>The times of a run with 1, 2 and 4 threads, in tenths of a millisecond: alone, and beside three other runs.</summary>
    [Theory]
    [InlineData(4, new[] { 100, 50, 30 }, new[] { 100, 100, 100 })]
    [InlineData(4, new[] { 100, 50, 30 }, new[] { 100, 105, 110 })]
    [InlineData(2, new[] { 100, 60, 58 }, new[] { 100, 100, 100 })]
    [InlineData(2, new[] { 100, 60, 30 }, new[] { 100, 100, 120 })]
    [InlineData(1, new[] { 100, 95, 30 }, new[] { 100, 100, 100 })]
    [InlineData(1, new[] { 100, 50, 30 }, new[] { 100, 120, 100 })]
    public async Task ChooseThreadsAsync_TakesMoreWhileARunAloneGainsAndTheOthersLoseLittle(int expected, int[] alone, int[] besideOthers)
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(TestModels.Path("heavy"));
        using var governor = new Governor(slots: 4);
        var sut = new PlanMeasurement(
            new TrialRuns(governor, TimeProvider.System),
            (measured, _, size, _) =>
            {
                var factors = size.ConcurrentRuns == 1 ? alone : besideOthers;
                return (TimeSpan.FromMicroseconds(size.Items * 100 * factors[BitOperations.Log2((uint)measured.Plan.Threads)]), default);
            });
        Assert.True(await sut.TryChooseBatchAsync(session, CancellationToken.None));

        await sut.ChooseThreadsAsync(session, Open(runtime), CancellationToken.None);

        Assert.Equal(expected, session.Plan.Threads);
    }

    /// <summary>
    /// The numbers are the times of a run alone with 1, 2 and 4 threads, in milliseconds. If a run alone becomes 1.7 times faster, 85 % of
    /// the throughput on all slots remains.
    /// </summary>
    [Theory(Timeout = WaitLimit.TestMilliseconds)]
    [InlineData(4, 100, 55, 32)]
    [InlineData(2, 100, 55, 33)]
    [InlineData(1, 100, 60, 20)]
    public async Task ChooseThreadsAsync_SlowModel_IsNeverMeasuredOnMoreThanOneSlot(int expected, params int[] alone)
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(TestModels.Path("heavy"));
        using var governor = new Governor(slots: 4);
        using var others = new BusySlots(governor, slots: 3);
        var sut = new PlanMeasurement(new TrialRuns(governor, TimeProvider.System), (measured, _, size, _) =>
        {
            Assert.Equal((1, 1), (size.Items, size.ConcurrentRuns));
            return (TimeSpan.FromMilliseconds(alone[BitOperations.Log2((uint)measured.Plan.Threads)]), default);
        });
        Assert.True(await sut.TryRunInTimeAsync(session, CancellationToken.None));
        Assert.True(await sut.TryChooseBatchAsync(session, CancellationToken.None));

        await sut.ChooseThreadsAsync(session, Open(runtime), CancellationToken.None);

        Assert.Equal(new ExecutionPlan(expected, MaxBatch: 1), session.Plan);
    }

    [Fact(Timeout = WaitLimit.TestMilliseconds)]
    public async Task PrepareAsync_RunNeverEnds_HasTheSmallestPlanAndIsNotTriedAgain()
    {
        var model = TestModels.Path("endless");
        using (var runtime = new PreparingRuntime(_cache.Path, limitsTrials: true))
        {
            using var others = new BusySlots(runtime.Governor, PreparingRuntime.Slots - 1);
            await using var session = await runtime.PrepareAsync(model);
            Assert.Equal(new ExecutionPlan(Threads: 1, MaxBatch: 1), session.Plan);
            Assert.Contains(runtime.Logged, line => line.Text.Contains("did not end within 1 s", StringComparison.Ordinal));
        }

        using var next = new PreparingRuntime(_cache.Path);
        await using var reloaded = await next.LoadAsync(model);

        Assert.True(reloaded.Background.IsCompleted);
        Assert.Equal(new ExecutionPlan(Threads: 1, MaxBatch: 1), reloaded.Plan);
    }

    [Fact(Timeout = WaitLimit.TestMilliseconds)]
    public async Task PrepareAsync_RunIsSlow_TakesOneSlotAtMost()
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        using var others = new BusySlots(runtime.Governor, PreparingRuntime.Slots - 1);
        await using var session = await runtime.PrepareAsync(TestModels.Path("sluggish"));

        Assert.Equal(1, session.Plan.MaxBatch);
        Assert.Single(Directory.GetFiles(_cache.Combine("optimized"), "*.entry"));
    }

    [Fact(Timeout = WaitLimit.TestMilliseconds)]
    public async Task DisposeAsync_TrialRunIsUnderWay_TerminatesIt()
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        var session = await runtime.LoadAsync(TestModels.Path("endless"));
        runtime.BeginPreparation();
        while (runtime.Governor.FreeSlots == PreparingRuntime.Slots && !session.Background.IsCompleted)
            await Task.Yield();

        await session.DisposeAsync().AsTask().WaitAsync(WaitLimit.Step);

        // The slot is returned after the run has ended.
        while (runtime.Governor.FreeSlots < PreparingRuntime.Slots)
            await Task.Yield();
    }

    [Fact]
    public async Task ChooseThreadsAsync_MachineIsSlowInMostTurns_TheFastestAreCompared()
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(TestModels.Path("heavy"));
        using var governor = new Governor(slots: 2);
        var turn = 0;
        var sut = new PlanMeasurement(
            new TrialRuns(governor, TimeProvider.System),
            // The fastest runs with one and with two threads take the same time. With one thread, three of four turns are slow.
            (measured, _, _, _) => (TimeSpan.FromMilliseconds(measured.Plan.Threads == 2 || turn++ % 4 == 1 ? 10 : 40), default));
        Assert.True(await sut.TryChooseBatchAsync(session, CancellationToken.None));

        await sut.ChooseThreadsAsync(session, Open(runtime), CancellationToken.None);

        Assert.Equal(1, session.Plan.Threads);
    }

    [Fact]
    public async Task ChooseThreadsAsync_RunsAreShort_OpensNothing()
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(TestModels.Path("heavy"));
        using var governor = new Governor(slots: 2);
        var sut = new PlanMeasurement(
            new TrialRuns(governor, TimeProvider.System), (_, _, size, _) => (size.Items * PlanMeasurement.ShortRun * 0.9, default));
        Assert.True(await sut.TryChooseBatchAsync(session, CancellationToken.None));

        await sut.ChooseThreadsAsync(session, _ => throw new InvalidOperationException("It was opened."), CancellationToken.None);
    }

    [Fact]
    public async Task ChooseThreadsAsync_MoreThreads_AnswerTheSame()
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(TestModels.Path("heavy"));
        using var governor = new Governor(slots: 2);
        var sut = new PlanMeasurement(
            new TrialRuns(governor, TimeProvider.System),
            (measured, _, size, _) =>
                (TimeSpan.FromMilliseconds(size.ConcurrentRuns == 1 && measured.Plan.Threads == 2 ? 5 : 10), default));
        Assert.True(await sut.TryChooseBatchAsync(session, CancellationToken.None));
        using var input = GeneratedInputs.Create(session.Signature, 1)![0];
        using var before = (await session.RunAsync([input], [0], CancellationToken.None))[0];

        await sut.ChooseThreadsAsync(session, Open(runtime), CancellationToken.None);

        Assert.Equal(2, session.Plan.Threads);
        using var after = (await session.RunAsync([input], [0], CancellationToken.None))[0];
        Assert.Equal(before.Values<float>().ToArray(), after.Values<float>().ToArray(), (a, b) => Math.Abs(a - b) < 1e-3);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task LoadAsync_PlanIsCached_IsUsedAtOnceAndNotMeasuredAgain(int threads)
    {
        var model = TestModels.Path("two_in_two_out");
        using (var runtime = new PreparingRuntime(_cache.Path))
            await (await runtime.PrepareAsync(model)).DisposeAsync();
        var entry = Assert.Single(Directory.GetFiles(_cache.Combine("optimized"), "*.entry"));
        var fields = (await File.ReadAllTextAsync(entry)).Split(' ');
        await File.WriteAllTextAsync(entry, $"{fields[0]} {fields[1]} {threads} 7 {fields[4]} {fields[5]}");

        using var next = new PreparingRuntime(_cache.Path);
        await using var session = await next.LoadAsync(model);

        Assert.Equal(new ExecutionPlan(threads, 7), session.Plan);
        Assert.True(session.Background.IsCompleted);
    }

    [Fact]
    public async Task TryChooseBatchAsync_Cancelled_Ends()
    {
        using var runtime = new PreparingRuntime(_cache.Path);
        await using var session = await runtime.LoadAsync(TestModels.Path("heavy"));
        using var governor = new Governor(slots: 1);
        var sut = new PlanMeasurement(new TrialRuns(governor, TimeProvider.System), TurnMeasurement.Measure);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => sut.TryChooseBatchAsync(session, new CancellationToken(canceled: true)));
    }

    public void Dispose() => _cache.Dispose();

    private static Func<int, Task<OnnxSession>> Open(PreparingRuntime runtime, string model = "heavy") =>
        async threads => await runtime.LoadAsync(TestModels.Path(model), new ExecutionSettings { Threads = threads });
}
