using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Onnx.Preparation;
using Inference.Repository;
using Inference.Repository.Trust;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Onnx.Tests.Preparation;

public sealed class BatchExaminationTests : IDisposable
{
    private readonly TempFolder _cache = new();
    private readonly TempFolder _models = new();

    [Fact]
    public async Task LoadAsync_ModelIsNotKnown_IsPendingUntilItIsExamined()
    {
        using var runtime = Runtime();
        await using var session = await runtime.LoadAsync(TestModels.Path("two_in_two_out"));
        Assert.Equal(BatchVerdict.Pending, session.BatchVerdict);
        Assert.False(session.BatchExamined.IsCompleted);

        runtime.BeginPreparation();
        await session.BatchExamined.WaitAsync(WaitLimit.Step);

        Assert.Equal(BatchVerdict.Proven(new BatchLayout([0, 0], [0, 0])), session.BatchVerdict);
    }

    [Fact]
    public async Task BeginExamination_NoTimeHasPassed_IsExaminedAtOnce()
    {
        using var runtime = Runtime();
        await using var session = await runtime.LoadAsync(TestModels.Path("two_in_two_out"));

        session.BeginExamination();
        await session.BatchExamined.WaitAsync(WaitLimit.Step);

        Assert.Equal(BatchVerdictKind.Proven, session.BatchVerdict.Kind);
    }

    [Fact]
    public async Task DisposeAsync_BeforeTheExamination_CompletesIt()
    {
        using var runtime = Runtime();
        var session = await runtime.LoadAsync(TestModels.Path("two_in_two_out"));
        var examined = session.BatchExamined;

        await session.DisposeAsync();

        await examined.WaitAsync(WaitLimit.Step);
    }

    [Theory]
    [InlineData("running_sum", "CumSum")]
    [InlineData("quantized", "DynamicQuantizeLinear")]
    public async Task PrepareAsync_ItemsDependOnEachOther_SaysBecauseOfWhichNode(string model, string node)
    {
        using var runtime = Runtime();
        await using var session = await runtime.PrepareAsync(TestModels.Path(model));

        Assert.Equal(BatchVerdictKind.NotProven, session.BatchVerdict.Kind);
        Assert.Contains(node, session.BatchVerdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("two_in_two_out")]
    [InlineData("running_sum")]
    public async Task LoadAsync_VerdictIsCached_IsThereRightAfterTheLoad(string model)
    {
        BatchVerdict verdict;
        using (var first = Runtime())
        {
            await using var prepared = await first.PrepareAsync(TestModels.Path(model));
            verdict = prepared.BatchVerdict;
        }

        using var next = Runtime();
        await using var session = await next.LoadAsync(TestModels.Path(model));

        Assert.Equal(verdict, session.BatchVerdict);
        Assert.True(session.BatchExamined.IsCompleted);
        Assert.True(session.Background.IsCompleted);
    }

    [Fact]
    public async Task LoadAsync_AnotherInstanceHasExaminedIt_TakesItsVerdict()
    {
        var model = _models.Combine("model.onnx");
        File.Copy(TestModels.Path("two_in_two_out"), model);
        using (var first = Runtime(Store()))
            await (await first.PrepareAsync(model)).DisposeAsync();
        foreach (var file in Directory.GetFiles(_cache.Combine("optimized")))
            File.Delete(file);

        using var next = Runtime(Store());
        await using var session = await next.LoadAsync(model);

        Assert.Equal(BatchVerdictKind.Proven, session.BatchVerdict.Kind);
    }

    [Theory]
    [InlineData(ContractChoice.Declared)]
    [InlineData(ContractChoice.None)]
    public async Task PrepareAsync_ContractIsSet_IsExaminedOnlyWhenProofIsRequested(ContractChoice choice)
    {
        using (var first = Runtime(contract: choice))
        {
            await using var prepared = await first.PrepareAsync(TestModels.Path("two_in_two_out"));
            Assert.Equal(BatchVerdict.Unexamined, prepared.BatchVerdict);
        }

        using var next = Runtime();
        await using var session = await next.PrepareAsync(TestModels.Path("two_in_two_out"));
        Assert.Equal(BatchVerdictKind.Proven, session.BatchVerdict.Kind);
    }

    [Fact]
    public async Task LoadAsync_ModelTakesOneItem_IsNotExamined()
    {
        using var runtime = Runtime();
        await using var session = await runtime.LoadAsync(TestModels.Path("fixed_batch"));

        Assert.Equal(BatchVerdict.Unexamined, session.BatchVerdict);
    }

    /// <summary>A batch size that was not measured must not limit a contract that is declared later.</summary>
    [Fact]
    public async Task PrepareAsync_RequestsDoNotShareRuns_TheBatchIsMeasuredWhenTheyDo()
    {
        var model = TestModels.Path("pairs");
        using (var first = Runtime())
        {
            await using var prepared = await first.PrepareAsync(model);
            Assert.Equal(BatchVerdictKind.NotProven, prepared.BatchVerdict.Kind);
            Assert.Equal(ExecutionPlan.Default.MaxBatch, prepared.Plan.MaxBatch);
        }

        using var next = Runtime(contract: ContractChoice.Declared);
        await using var session = await next.PrepareAsync(model);
        Assert.InRange(session.Plan.MaxBatch, 1, 4);
    }

    [Fact]
    public async Task PrepareAsync_ItemsAreOnTheSecondAxisOfAnInput_TheBatchIsMeasuredThere()
    {
        var model = _models.Combine("state.onnx");
        await File.WriteAllBytesAsync(model, BatchModels.State());
        using var runtime = Runtime();
        await using var session = await runtime.PrepareAsync(model);

        Assert.Equal(BatchVerdict.Proven(new BatchLayout([0, 1], [0, 1])), session.BatchVerdict);
        Assert.DoesNotContain(runtime.Logged, line => line.Text.Contains("could not be", StringComparison.Ordinal));
    }

    [Fact]
    public async Task PrepareAsync_NoInputIsValid_IsExaminedAgainByTheNextLoad()
    {
        var model = _models.Combine("table.onnx");
        await File.WriteAllBytesAsync(model, BatchModels.Table(4, first: 1000));
        using (var first = Runtime())
        {
            await using var prepared = await first.PrepareAsync(model);
            Assert.Equal(BatchReasons.NoInputs, prepared.BatchVerdict.Reason);
        }

        using var next = Runtime();
        await using var session = await next.LoadAsync(model);

        Assert.Equal(BatchVerdict.Pending, session.BatchVerdict);
    }

    [Fact]
    public async Task PrepareAsync_OnlyAWarmUpRequestIsValid_IsMeasuredByIt()
    {
        var model = _models.Combine("table.onnx");
        await File.WriteAllBytesAsync(model, BatchModels.Table(4, first: 1000));
        using var runtime = new PreparingRuntime(_cache.Path) { Contract = ContractChoice.Proven, Warmup = [new WarmupSample("{}", 1)] };
        await using var session = await runtime.LoadAsync(model);
        runtime.BeginPreparation();
        using var sample = Tensor.Create<long>(ElementType.Int64, new Shape(2), [1001, 1003]);

        session.OfferSample([sample]);
        await session.BatchExamined.WaitAsync(WaitLimit.Step);

        Assert.Equal(BatchVerdictKind.Proven, session.BatchVerdict.Kind);
    }

    public void Dispose()
    {
        _cache.Dispose();
        _models.Dispose();
    }

    private DirectoryModelStore Store() => new(_models.Path, TrustPolicy.Default, _models.Combine("cache"));

    private PreparingRuntime Runtime(ISharedFiles? shared = null, ContractChoice contract = ContractChoice.Proven) =>
        new(_cache.Path, shared) { Contract = contract };
}
