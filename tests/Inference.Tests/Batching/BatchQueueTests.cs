using Inference.Batching;
using Inference.Models;
using Inference.Models.Settings.Remote;
using Inference.Testing;
using Inference.Tests.Catalog;

namespace Inference.Tests.Batching;

public sealed class BatchQueueTests
{
    [Fact]
    public void RunAsync_SlotIsFree_RunsAtOnce()
    {
        using var sut = new QueueScenario();

        var caller = sut.Call(1, 2);
        sut.Start();
        sut.EndRun();

        Assert.True(caller.IsServed);
        Assert.Equal([2], sut.Session.Runs);
    }

    [Fact]
    public void RunAsync_SlotsAreBusy_GathersRequestsUntilTheThreadStarts()
    {
        using var sut = new QueueScenario();
        sut.Call(1);
        sut.Start();
        sut.Call(2);
        sut.Call(3, 4);

        sut.EndRun();
        sut.Call(5);
        sut.Start();
        sut.EndRun();

        Assert.Equal([1, 4], sut.Session.Runs);
        Assert.All(sut.Callers, caller => Assert.True(caller.IsServed));
    }

    [Fact]
    public void RunAsync_SingleRequest_RunsOnTheCallersOwnMemory()
    {
        using var sut = new QueueScenario();

        var caller = sut.Call(1, 2);
        sut.Start();

        Assert.Same(caller.Input, sut.Session.Running[0].Input);
    }

    [Fact]
    public void RunAsync_RequestsTogetherAboveTheMaximum_NeverExceedIt()
    {
        using var sut = new QueueScenario(maxBatch: 8);
        sut.Call(0);
        sut.Start();
        sut.Call(1, 2, 3, 4, 5);
        sut.Call(1, 2, 3, 4);
        sut.Call(1, 2, 3);

        sut.Finish();

        // The second request does not fit beside the first, but the third request does.
        Assert.Equal([1, 8, 4], sut.Session.Runs);
    }

    [Fact]
    public void RunAsync_LargeRequest_IsSplitAndOthersRunBetweenItsParts()
    {
        using var sut = new QueueScenario(maxBatch: 8);
        var large = sut.Call([.. Enumerable.Range(0, 1000).Select(i => (float)i)]);
        sut.Start();
        var small = sut.Call(7);

        sut.EndRun();
        sut.Start();
        sut.EndRun();

        Assert.True(small.IsServed);
        Assert.False(large.Response.IsCompleted);
        Assert.Equal([8, 8], sut.Session.Runs);
        sut.Finish();
        Assert.True(large.IsServed);
        Assert.Equal(1 + 125, sut.Session.Runs.Count);
    }

    [Fact]
    public void RunAsync_RunsAreBrief_RunsTheFirstPartOfARequestOnTheCallerAndQueuesTheOthers()
    {
        using var sut = new QueueScenario();
        sut.Call(0);
        sut.Finish();

        sut.Call(1);

        Assert.Single(sut.Session.Running);
        sut.Finish();

        sut.Call([2], width: 1, isAdmitted: true);

        Assert.Empty(sut.Session.Running);
        Assert.Single(sut.Granted);
    }

    [Fact]
    public void RunAsync_BatchingDoesNotPay_NeverJoinsCallers()
    {
        using var sut = new QueueScenario(maxBatch: 1);
        sut.Call(0);
        sut.Call(1);
        sut.Call(2, 3);

        sut.Finish();

        Assert.All(sut.Session.Runs, items => Assert.Equal(1, items));
        Assert.Equal(4, sut.Session.Runs.Count);
    }

    [Fact]
    public void RunAsync_DifferentShapesOrOutputs_ShareNoBatch()
    {
        using var sut = new QueueScenario();
        sut.Call(0);
        sut.Start();
        sut.Call([1, 1], width: 2);
        sut.Call([1, 2, 3], width: 3);
        sut.Call([4, 4], width: 2);
        sut.Call([5, 5], width: 2, outputs: 2);

        sut.Finish();

        Assert.Equal([1, 2, 1, 1], sut.Session.Runs);
    }

    [Fact]
    public void RunAsync_ImportantRequest_RunsFirstUntilTheOthersHaveWaitedLong()
    {
        using var sut = new QueueScenario(maxBatch: 1);
        sut.Call(0);
        sut.Start();
        var early = sut.Call([1], width: 1, priority: 2);
        var important = sut.Call([2], width: 1);
        sut.Time.Advance(TimeSpan.FromMilliseconds(300));
        var late = sut.Call([3], width: 1);

        var order = new List<int>();
        while (order.Count < 3)
        {
            sut.EndRun();
            sut.Start();
            order.Add((int)sut.Session.Running[0].Input.Values<float>()[0]);
        }

        Assert.Equal([2, 1, 3], order);
    }

    [Fact]
    public void RunAsync_FixedBatchOfOne_RunsItemsInParallelOnTheSlots()
    {
        using var sut = new QueueScenario(slots: 2, signature: FakeModelRuntime.Signature(1, 1));
        var caller = sut.Call(1, 2, 3, 4, 5);

        sut.StartAll();

        Assert.Equal([1, 1], sut.Session.Runs);
        sut.Finish();
        Assert.True(caller.IsServed);
        Assert.Equal(5, sut.Session.Runs.Count);
    }

    [Fact]
    public void RunAsync_Delay_WaitsForAFullBatchOrItsTime()
    {
        using var sut = new QueueScenario(maxBatch: 3, policy: new BatchPolicy { MaxDelay = TimeSpan.FromMilliseconds(20) });
        sut.Call(1);
        Assert.Empty(sut.Granted);
        sut.Time.Advance(TimeSpan.FromMilliseconds(20));
        Assert.Single(sut.Granted);
        sut.Finish();

        sut.Call(2);
        sut.Call(3);
        Assert.Empty(sut.Granted);
        sut.Call(4);
        Assert.Single(sut.Granted);
        sut.Finish();

        Assert.Equal([1, 3], sut.Session.Runs);
    }

    [Fact]
    public void RunAsync_QueueIsFull_RefusesWithARetryDelay()
    {
        using var sut = new QueueScenario(policy: new BatchPolicy { QueueLimit = 2 });
        sut.Call(0);
        sut.Start();
        sut.Call(1);
        sut.Call(2);

        var refused = sut.Call(3);

        Assert.Equal(InferenceError.Overloaded, refused.Error);
        Assert.True(((InferenceException)refused.Response.Exception!.InnerException!).RetryAfter > TimeSpan.Zero);
    }

    [Fact]
    public async Task RunAsync_RemoteSession_UsesNoSlotAndHasItsOwnLimit()
    {
        using var sut = new QueueScenario();
        var remote = new SteppedSession(sut.Session.Signature, ExecutionPlan.Default) { ComputesInProcess = false };
        var model = TestLoadedModel.Create("r", remote);
        var callers = new List<Caller>();
        for (var call = 0; call <= RemoteSettings.DefaultConcurrency; call++)
        {
            callers.Add(new Caller(model.Lease(), model.GetQueue(sut.Governor, sut.Time), [call, 2]));
        }

        Assert.Equal(RemoteSettings.DefaultConcurrency, remote.Running.Count);
        Assert.Equal(1, sut.Governor.FreeSlots);
        Assert.False(callers[^1].Response.IsCompleted);

        callers[^1].Cancel();
        while (remote.Running.Count > 0)
            remote.Running[0].End();
        callers.ForEach(caller => caller.Dispose());
        model.Release();
        await model.Ended;
        Assert.Equal(1, remote.Disposals);
    }
}
