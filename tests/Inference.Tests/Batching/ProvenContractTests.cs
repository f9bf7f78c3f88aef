using Inference.Batching;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Tests.Batching;

/// <summary>Requests share runs after the server has proven that they may, along the axes of the proof.</summary>
public sealed class ProvenContractTests
{
    private static readonly BatchLayout SecondAxis = new([1], [0, 1]);
    private static readonly BatchLayout WithShared = new([1, BatchLayout.Shared], [1, 0]);

    [Fact]
    public void RunAsync_VerdictIsLate_RequestsShareRunsAfterIt()
    {
        using var sut = Scenario(SecondAxis, BatchVerdict.Pending);
        sut.Call(0);
        sut.Start();
        sut.Call(1);
        sut.Call(2);
        Assert.Equal(BatchContractKind.None, sut.Contract.Kind);

        sut.Session.BatchVerdict = BatchVerdict.Proven(SecondAxis);
        sut.Call(3);
        sut.Call(4, 5);
        sut.Finish();

        // Requests that arrived before the proof run as they were sent.
        Assert.Equal([1, 1, 1, 3], sut.Session.Runs);
        Assert.Equal(BatchContractKind.Proven, sut.Contract.Kind);
    }

    [Fact]
    public void RunAsync_NotProven_EveryRequestIsOneRun()
    {
        using var sut = Scenario(SecondAxis, BatchVerdict.NotProven("Node \"n\" mixes items."));
        Busy(sut);
        sut.Call(1);
        sut.Call(2, 3, 4, 5, 6);

        sut.Finish();

        Assert.Equal([1, 1, 5], sut.Session.Runs);
        Assert.Equal("Node \"n\" mixes items.", sut.Contract.Verdict.Reason);
    }

    [Fact]
    public void RunAsync_ItemsAlongAnotherAxis_AreJoinedAndSplitThere()
    {
        using var sut = Scenario(SecondAxis, BatchVerdict.Proven(SecondAxis));
        Busy(sut);
        sut.Call([1, 2, 3, 4], width: 2, outputs: 2);
        sut.Call([5, 6], width: 2, outputs: 2);
        sut.Call([.. Enumerable.Range(10, 18).Select(i => (float)i)], width: 2, outputs: 2);

        sut.Finish();

        Assert.All(sut.Callers, caller => Assert.True(caller.IsServed));
        Assert.Equal([1, 4, 4, 4], sut.Session.Runs);
    }

    [Fact]
    public void RunAsync_SharedInputs_OnlyRequestsWithTheSameValueShareARun()
    {
        using var sut = Scenario(WithShared, BatchVerdict.Proven(WithShared));
        Busy(sut);
        sut.Call([1, 2], width: 1, shared: 8);
        sut.Call([3], width: 1, shared: 16);
        sut.Call([4], width: 1, shared: 8);

        sut.Finish();

        Assert.Equal([1, 3, 1], sut.Session.Runs);
    }

    [Fact]
    public void RunAsync_OtherDimensionsDiffer_ShareNoRun()
    {
        using var sut = Scenario(SecondAxis, BatchVerdict.Proven(SecondAxis));
        Busy(sut);
        sut.Call([1, 2], width: 1);
        sut.Call([3, 4], width: 2);

        sut.Finish();

        Assert.Equal([1, 2, 1], sut.Session.Runs);
    }

    /// <summary>The second output has its items along the second axis. The first run contradicts the proof.</summary>
    [Fact]
    public void RunAsync_NoSliceForEachItem_EndsTheContract()
    {
        using var sut = Scenario(SecondAxis, BatchVerdict.Proven(SecondAxis));
        sut.Session.ExtraRows = 1;
        var first = sut.Call([1, 2], width: 1, outputs: 2);
        sut.Start();
        sut.EndRun();
        first.TakeResponse();

        Assert.Equal("Output \"y\" had shape [3,1] for 2 items; one row for each item is expected.", sut.Contract.Violation);
        Assert.Equal(BatchContractKind.Proven, sut.Contract.Kind);
        Assert.Contains("defect of the server", sut.Contract.EndMessage, StringComparison.Ordinal);
        sut.Session.ExtraRows = 0;
    }

    [Fact]
    public async Task RunAsync_InputsDifferInTheirItems_RunAsTheyWereSent()
    {
        var layout = new BatchLayout([0, 0], [0, 0]);
        using var sut = Scenario(layout, BatchVerdict.Proven(layout));
        using var x = ItemTensor.Create(3, 1, 0, (row, _) => row);
        using var s = Tensor.Create<float>(ElementType.Float32, new Shape(1), [5]);

        var run = sut.Queue.RunAsync([x, s], [0], default, CancellationToken.None).AsTask();
        sut.Finish();

        var output = Assert.Single(await run);
        Assert.Equal([5f, 7, 9], output.Values<float>().ToArray());
        output.Dispose();
        Assert.Null(sut.Contract.Violation);
    }

    [Fact]
    public void MaxDelay_Proven_GathersRequests()
    {
        using var sut = new QueueScenario(
            policy: new BatchPolicy { MaxDelay = TimeSpan.FromMilliseconds(5) }, contract: ContractChoice.Proven, layout: SecondAxis);
        var alone = sut.Call(1);
        sut.Start();
        sut.EndRun();
        Assert.True(alone.IsServed);

        sut.Session.BatchVerdict = BatchVerdict.Proven(SecondAxis);
        sut.Call(2);
        sut.Call(3);
        Assert.Empty(sut.Granted);
        sut.Time.Advance(TimeSpan.FromMilliseconds(5));
        sut.Finish();

        Assert.Equal([1, 2], sut.Session.Runs);
    }

    [Fact]
    public void Verdict_StringsAlongAnotherAxis_AreNotJoined()
    {
        var text = new TensorSpec("t", ElementType.Bytes, new Shape(Shape.Dynamic, Shape.Dynamic), ["", ""]);
        var session = new SteppedSession(new ModelSignature([text], [text]),
            ExecutionPlan.Default)
        { BatchVerdict = BatchVerdict.Proven(new BatchLayout([1], [1])) };

        var sut = BatchContract.Create(new BatchingSettings(), session);

        Assert.Equal((BatchContractKind.None, null), (sut.Kind, sut.Layout));
        Assert.StartsWith("\"t\" has strings", sut.Verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Verdict_SessionHasEnded_StaysTheLastOne()
    {
        var session = new SteppedSession(QueueScenario.SignatureOf(null, -1, -1),
            ExecutionPlan.Default)
        { BatchVerdict = BatchVerdict.NotProven("Why.") };
        var sut = BatchContract.Create(new BatchingSettings(), session);

        sut.Detach();
        session.BatchVerdict = BatchVerdict.Pending;

        Assert.Equal("Why.", sut.Verdict.Reason);
    }

    private static QueueScenario Scenario(BatchLayout layout, BatchVerdict verdict)
    {
        var scenario = new QueueScenario(maxBatch: 4, contract: ContractChoice.Proven, layout: layout);
        scenario.Session.BatchVerdict = verdict;
        return scenario;
    }

    /// <summary>Starts a run, so that further requests wait.</summary>
    private static void Busy(QueueScenario scenario)
    {
        scenario.Call(0);
        scenario.Start();
    }
}
