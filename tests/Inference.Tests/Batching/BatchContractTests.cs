using Inference.Batching;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Testing;

namespace Inference.Tests.Batching;

/// <summary>When requests share runs, and how a run that contradicts the permission ends it.</summary>
public sealed class BatchContractTests
{
    [Theory]
    [InlineData(ContractChoice.None)]
    [InlineData(ContractChoice.Proven)]
    public void RunAsync_NoContract_EveryRequestIsOneRun(ContractChoice choice)
    {
        using var sut = new QueueScenario(maxBatch: 4, contract: choice);
        sut.Call(0);
        sut.Start();
        sut.Call(1);
        sut.Call([.. Enumerable.Range(0, 100).Select(i => (float)i)]);
        sut.Call(2);

        sut.Finish();

        Assert.Equal([1, 1, 100, 1], sut.Session.Runs);
        Assert.Equal((BatchContractKind.None, null), (sut.Contract.Kind, sut.Contract.Violation));
    }

    [Fact]
    public void RunAsync_NoContract_NeitherDelayNorMaximumHasAnEffect()
    {
        var policy = new BatchPolicy { MaxBatch = 1, MaxDelay = TimeSpan.FromSeconds(1) };
        using var sut = new QueueScenario(policy: policy, contract: ContractChoice.None);

        var caller = sut.Call(1, 2, 3);
        sut.Start();
        sut.EndRun();

        Assert.True(caller.IsServed);
        Assert.Equal([3], sut.Session.Runs);
    }

    /// <summary>The measured batch size can be 1 if the machine was busy during the measurement.</summary>
    [Fact]
    public void RunAsync_MoreItemsThanRunsOfTheMeasuredSizeTake_RunAsTheyWereSent()
    {
        const int Items = (1 << 16) + 1;
        using var sut = new QueueScenario(maxBatch: 1);

        sut.Call(new float[Items]);
        sut.Start();
        sut.EndRun();

        Assert.Equal([Items], sut.Session.Runs);
    }

    /// <summary>
    /// Where no run is shared, the estimated wait depends on the number of runs, not of items. A run of 1000 items does not take 1000 times
    /// as long as a run of one item.
    /// </summary>
    [Fact]
    public void RunAsync_NoContractAfterASlowRun_LargeRequestCountsAsOneRun()
    {
        using var sut = new QueueScenario(contract: ContractChoice.None);
        sut.Call(0);
        sut.Start();
        sut.Call(1);
        sut.Call(2);
        // The processors were busy with something else: two runs of one item took 200 ms.
        for (var run = 0; run < 2; run++)
        {
            sut.Time.Advance(TimeSpan.FromMilliseconds(100));
            sut.EndRun();
            sut.Start();
        }

        sut.Call([.. Enumerable.Range(0, 1000).Select(i => (float)i)]);
        sut.Call(3);
        sut.Finish();

        Assert.All(sut.Callers, caller => Assert.True(caller.IsServed));
    }

    [Fact]
    public void RunAsync_NoContract_NumberOfRowsIsNotChecked()
    {
        using var sut = new QueueScenario(contract: ContractChoice.Proven);
        sut.Session.ExtraRows = 2;

        var caller = sut.Call(1, 2, 3);
        sut.Finish();

        Assert.Equal(5, caller.TakeResponse()[0].Shape[0]);
        Assert.Null(sut.Contract.Violation);
    }

    [Fact]
    public void RunAsync_SingleRequestHasOtherRows_ReturnsThemAndEndsTheContract()
    {
        using var sut = new QueueScenario();
        sut.Session.ExtraRows = -1;
        var first = sut.Call(1, 2);
        sut.Start();
        sut.EndRun();

        Assert.Equal(1, first.TakeResponse()[0].Shape[0]);
        Assert.Contains("Output \"y\" had shape [1,1] for 2 items", sut.Contract.Violation, StringComparison.Ordinal);

        sut.Session.ExtraRows = 0;
        sut.Call(0);
        sut.Call(1);
        sut.Call(2);
        sut.Finish();
        Assert.Equal([2, 1, 1, 1], sut.Session.Runs);
    }

    [Fact]
    public void RunAsync_JoinedRunHasOtherRows_RequestsRunAgainAlone()
    {
        using var sut = new QueueScenario();
        sut.Call(0);
        sut.Start();
        sut.Call(1);
        sut.Call(2, 3);
        sut.EndRun();
        sut.Start();
        sut.Session.ExtraRows = 1;
        sut.EndRun();
        sut.Session.ExtraRows = 0;

        sut.Finish();

        Assert.All(sut.Callers, caller => Assert.True(caller.IsServed));
        Assert.Equal([1, 3, 1, 2], sut.Session.Runs);
        Assert.NotNull(sut.Contract.Violation);
    }

    /// <summary>A batch is running when another run ends the contract. The number of rows of the batch is right only by chance.</summary>
    [Fact]
    public void RunAsync_JoinedRunEndsAfterTheContract_RequestsRunAgainAlone()
    {
        using var sut = new QueueScenario(slots: 2);
        sut.Call(0);
        sut.Start();
        var other = sut.Call(9);
        sut.Start();
        sut.Call(1);
        sut.Call(2);
        sut.EndRun();
        sut.Start();
        sut.Session.ExtraRows = 1;
        sut.EndRun();
        other.TakeResponse();
        sut.Session.ExtraRows = 0;

        sut.Finish();

        Assert.Equal([1, 1, 2, 1, 1], sut.Session.Runs);
    }

    [Fact]
    public void RunAsync_SplitRequestWithOtherRows_StartsOverWhole()
    {
        using var sut = new QueueScenario(slots: 2, maxBatch: 2);
        var large = sut.Call(0, 1, 2, 3, 4, 5, 6);
        sut.StartAll();
        // The first part has the right number of rows by chance, and the third part waits.
        sut.EndRun();
        sut.Session.ExtraRows = 1;
        sut.EndRun();
        sut.Session.ExtraRows = 0;

        sut.Finish();

        Assert.True(large.IsServed);
        Assert.Equal(7, sut.Session.Runs[^1]);
    }

    [Fact]
    public void RunAsync_PartOfARequestBeforeItStartedOverFails_IsIgnored()
    {
        using var sut = new QueueScenario(slots: 2, maxBatch: 2);
        var large = sut.Call(0, 1, 2, 3, 4, 5);
        sut.StartAll();
        sut.Session.ExtraRows = 1;
        sut.EndRun();
        sut.Session.ExtraRows = 0;
        sut.Session.Running[0].Fail();

        sut.Finish();

        Assert.True(large.IsServed);
        Assert.Equal(6, sut.Session.Runs[^1]);
    }

    [Fact]
    public void RunAsync_OneItemPerRun_OtherRowsFailTheRequestAndLaterOnesAreRefused()
    {
        using var sut = new QueueScenario(signature: QueueScenario.SignatureOf(layout: null, 1, 1));
        sut.Session.ExtraRows = 1;
        var first = sut.Call(1, 2, 3);
        sut.Start();
        sut.EndRun();

        Assert.Equal(InferenceError.RuntimeFailure, first.Error);
        first.Expected = InferenceError.RuntimeFailure;
        var second = sut.Call(1, 2);
        Assert.Equal(InferenceError.InvalidRequest, second.Error);
        second.Expected = InferenceError.InvalidRequest;
        var single = sut.Call(1);
        sut.Finish();
        Assert.Equal(2, single.TakeResponse()[0].Shape[0]);
    }

    [Fact]
    public void Create_SameSettings_KeepsTheEndOfTheContract()
    {
        var declared = new BatchingSettings { Contract = ContractChoice.Declared, PreferredSizes = [2, 4] };
        var session = new SteppedSession(FakeModelRuntime.Doubler, ExecutionPlan.Default);
        var before = BatchContract.Create(declared, session);
        Assert.False(before.TryEndByDifference("one"));
        Assert.True(before.TryEndByDifference("two"));

        Assert.Equal("two", BatchContract.Create(declared with { PreferredSizes = [2, 4] }, session, before).Violation);
        Assert.Null(BatchContract.Create(declared with { MaxBatch = 4 }, session, before).Violation);
        Assert.Equal((BatchContractKind.None, null), (BatchContract.Create(new BatchingSettings(), session, before).Kind, before.Layout));
    }
}
