using Inference.Models.Contracts;
using Inference.Onnx.Preparation;
using Inference.Tensors;
using Inference.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Onnx.Tests.Preparation;

public sealed class BatchMeasurementTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly PreparingRuntime _runtime;
    private readonly SteppingTime _time = new(TimeSpan.FromMicroseconds(100));

    /// <summary>The clock of the time limits. It stands still, because a busy machine may reach a limit.</summary>
    private TimeProvider _limitTime = new FakeTimeProvider();

    public BatchMeasurementTests() => _runtime = new PreparingRuntime(_folder.Path);

    [Theory]
    [InlineData("two_in_two_out")]
    [InlineData("identity_float")]
    [InlineData("identity_float16")]
    [InlineData("identity_bfloat16")]
    [InlineData("identity_double")]
    [InlineData("identity_bool")]
    [InlineData("identity_uint8")]
    [InlineData("identity_int8")]
    [InlineData("identity_uint16")]
    [InlineData("identity_int32")]
    [InlineData("identity_uint64")]
    [InlineData("not_finite")]
    [InlineData("image")]
    [InlineData("dynamic_inner")]
    [InlineData("heavy")]
    [InlineData("gather")]
    [InlineData("embedder")]
    [InlineData("passthrough")]
    public async Task MeasureAsync_ItemsAreIndependent_IsProven(string model)
    {
        var finding = await MeasureAsync(TestModels.Path(model));

        Assert.Equal(new ExaminationResult(BatchVerdict.Proven(finding.Verdict.Layout!), IsFinal: true), finding);
    }

    [Theory]
    [InlineData("softmax_items")]
    [InlineData("running_sum")]
    [InlineData("minus_mean")]
    [InlineData("normalized")]
    [InlineData("quantized")]
    [InlineData("finder")]
    [InlineData("pairs")]
    public async Task MeasureAsync_ItemsDependOnEachOther_IsRefuted(string model) =>
        AssertRefuted(await MeasureAsync(TestModels.Path(model)));

    [Theory]
    [InlineData(1)]
    [InlineData(1e-3)]
    [InlineData(1e-4)]
    [InlineData(1e-6)]
    public async Task MeasureAsync_AFractionOfTheOtherItemsIsAdded_IsRefuted(double factor)
    {
        AssertRefuted(await MeasureAsync(BatchModels.LeakingMean((float)factor)));
        AssertRefuted(await MeasureAsync(BatchModels.LeakingMaximum((float)factor)));
    }

    /// <summary>Zero times a number is zero, but zero times NaN is NaN.</summary>
    [Fact]
    public async Task MeasureAsync_OnlyNaNReachesOtherItems_IsRefuted() => AssertRefuted(await MeasureAsync(BatchModels.LeakingMean(0)));

    [Fact]
    public async Task MeasureAsync_StateHasItsItemsOnTheSecondAxis_IsMeasuredThere()
    {
        AssertProven(await MeasureAsync(BatchModels.State(), new BatchLayout([0, 1], [0, 1])));
        AssertRefuted(await MeasureAsync(BatchModels.MixedState(), new BatchLayout([0, 1], [0, 1])));
    }

    [Fact]
    public async Task MeasureAsync_AnInputIsShared_IsEqualInAllRuns() =>
        AssertProven(await MeasureAsync(BatchModels.SharedScale(), new BatchLayout([0, BatchLayout.Shared], [0])));

    [Fact]
    public async Task MeasureAsync_OpenLength_IsProven() => AssertProven(await MeasureAsync(BatchModels.OpenLength()));

    [Fact]
    public async Task MeasureAsync_ItemsAreTooLarge_RunsNothing()
    {
        AssertTriedAgain(BatchReasons.NoInputs, await MeasureAsync(BatchModels.Wide(20_000_000)));
        Assert.Equal(0, _time.Readings);
    }

    [Fact]
    public async Task MeasureAsync_LowPrecisionWeights_AreProvenOrRefuted()
    {
        AssertProven((await MeasureAndTimeAsync(Write(BatchModels.HalfPrecision(leaks: false)), precision: ElementType.Float16)).Finding);
        AssertRefuted((await MeasureAndTimeAsync(Write(BatchModels.HalfPrecision(leaks: true)), precision: ElementType.Float16)).Finding);
    }

    [Fact]
    public async Task MeasureAsync_NoResultIsFinite_SaysNothing() =>
        AssertTriedAgain(BatchReasons.NoInputs, await MeasureAsync(BatchModels.NeverFinite()));

    [Fact]
    public async Task MeasureAsync_IntegerOutput_IsComparedExactly() => AssertProven(await MeasureAsync(BatchModels.Largest()));

    [Fact]
    public async Task MeasureAsync_TwoRowsForEachItem_IsRefuted() => AssertRefuted(await MeasureAsync(BatchModels.TwoRowsEach()));

    [Fact]
    public async Task MeasureAsync_SomeIndicesAreRefused_OthersAreAccepted() =>
        AssertProven(await MeasureAsync(BatchModels.Table(2, first: 0)));

    [Fact]
    public async Task MeasureAsync_EveryGeneratedInputIsRefused_ExplainsTheFixAndTriesAgain()
    {
        var finding = await MeasureAsync(BatchModels.Table(4, first: 1000));

        AssertTriedAgain(BatchReasons.NoInputs, finding);
        Assert.Contains("lifecycle.warmup", finding.Verdict.Reason, StringComparison.Ordinal);
        Assert.InRange(_time.Readings / 2, 1, 50);
    }

    [Fact]
    public async Task MeasureAsync_ModelTakesStrings_HasNoInputs() =>
        AssertTriedAgain(BatchReasons.NoInputs, await MeasureAsync(TestModels.Path("identity_string")));

    [Fact]
    public async Task MeasureAsync_OnlyTheOwnersSampleIsValid_IsMeasuredByIt()
    {
        using var sample = Tensor.Create<long>(ElementType.Int64, new Shape(2), [1001, 1003]);

        AssertProven(await MeasureAsync(BatchModels.Table(4, first: 1000), sample: sample));
    }

    /// <summary>The second item selects entries that the table does not have. Its memory is returned when the model refuses it.</summary>
    [Fact]
    public async Task MeasureAsync_ModelRefusesAnItemOfTheSample_MeasuresTheOtherItem()
    {
        var values = new long[2 * 8000];
        values.AsSpan(8000).Fill(99);
        values[0] = 3;
        using var sample = Tensor.Create<long>(ElementType.Int64, new Shape(2, 8000), values);
        var model = OnnxText.Compile("in x i64[n,8000]; const table f32[4]; y = Gather(table, x); out y f32[n,8000]");

        AssertProven(await MeasureAsync(model, sample: sample));
    }

    [Fact]
    public async Task MeasureAsync_OnlyTheOwnersSampleIsValidAndItemsMix_IsRefuted()
    {
        using var sample = Tensor.Create<long>(ElementType.Int64, new Shape(2), [1001, 1003]);

        AssertRefuted(await MeasureAsync(BatchModels.LeakingTable(4, first: 1000), sample: sample));
    }

    [Fact]
    public async Task MeasureAsync_SampleOfStrings_IsMeasuredByItsItems()
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        builder.AppendBytes("one"u8);
        builder.AppendBytes("two"u8);
        using var sample = builder.Build(new Shape(2));

        AssertProven(await MeasureAsync(TestModels.Path("identity_string"), sample: sample));
    }

    /// <summary>Each run takes the given number of microseconds.</summary>
    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    [InlineData(6_000)]
    [InlineData(20_000)]
    public async Task MeasureAsync_ShortRuns_ComputeForLessThanTheBudget(int microseconds)
    {
        _time.Step = TimeSpan.FromMicroseconds(microseconds);
        var (finding, spent) = await MeasureAndTimeAsync(Write(BatchModels.OpenLength()));

        AssertProven(finding);
        Assert.InRange(spent, TimeSpan.Zero, BatchMeasurement.Budget);
    }

    [Fact(Timeout = WaitLimit.TestMilliseconds)]
    public async Task MeasureAsync_RunNeverEnds_IsTooSlowAndTriedAgain()
    {
        _limitTime = TimeProvider.System;

        AssertTriedAgain(BatchReasons.TooSlow, await MeasureAsync(TestModels.Path("endless")));
    }

    [Fact]
    public async Task MeasureAsync_Cancelled_Ends()
    {
        await using var session = await _runtime.LoadAsync(TestModels.Path("identity_float"));
        var layout = BatchLayout.FromFirstAxis(session.Signature);
        var trials = new ItemTrials(session, layout, new TrialRuns(_runtime.Governor, _limitTime), _time);
        var sut = new BatchMeasurement(session, layout, trials);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sut.MeasureAsync([], new CancellationToken(canceled: true)));
    }

    public void Dispose()
    {
        _runtime.Dispose();
        _folder.Dispose();
    }

    private static void AssertProven(ExaminationResult finding) =>
        Assert.Equal((BatchVerdictKind.Proven, null), (finding.Verdict.Kind, finding.Verdict.Reason));

    private static void AssertTriedAgain(string reason, ExaminationResult finding) =>
        Assert.Equal(new ExaminationResult(BatchVerdict.NotProven(reason), IsFinal: false), finding);

    private static void AssertRefuted(ExaminationResult finding)
    {
        Assert.Equal(BatchVerdictKind.NotProven, finding.Verdict.Kind);
        Assert.Contains("runs contradict this", finding.Verdict.Reason, StringComparison.Ordinal);
        Assert.True(finding.IsFinal);
    }

    private Task<ExaminationResult> MeasureAsync(byte[] model, BatchLayout? layout = null, Tensor? sample = null) =>
        MeasureAsync(Write(model), layout, sample);

    private async Task<ExaminationResult> MeasureAsync(string path, BatchLayout? layout = null, Tensor? sample = null) =>
        (await MeasureAndTimeAsync(path, layout, sample)).Finding;

    private async Task<(ExaminationResult Finding, TimeSpan Spent)> MeasureAndTimeAsync(
        string path, BatchLayout? layout = null, Tensor? sample = null, ElementType precision = ElementType.Float32)
    {
        await using var session = await _runtime.LoadAsync(path);
        layout ??= BatchLayout.FromFirstAxis(session.Signature);
        var runs = new TrialRuns(_runtime.Governor, _limitTime);
        var trials = new ItemTrials(session, layout, runs, _time) { Precision = precision };
        var sut = new BatchMeasurement(session, layout, trials);
        return (await sut.MeasureAsync(sample is null ? [] : [[sample]], CancellationToken.None), trials.ComputingTime);
    }

    private string Write(byte[] model)
    {
        var path = _folder.Combine($"{Guid.NewGuid():N}.onnx");
        File.WriteAllBytes(path, model);
        return path;
    }

    /// <summary>A clock that advances by one step with each reading. So every measured run takes one step.</summary>
    private sealed class SteppingTime(TimeSpan step) : TimeProvider
    {
        private long _readings;

        public TimeSpan Step { get; set; } = step;

        public long Readings => _readings;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Increment(ref _readings) * Step.Ticks;
    }
}
