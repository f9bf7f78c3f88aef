namespace Inference.Tests.Batching;

/// <summary>Callers that cancel and runs that fail: which requests end, and when.</summary>
public sealed class BatchQueueEndingsTests
{
    [Fact]
    public void RunAsync_CallerCancelsWhileItWaits_IsDropped()
    {
        using var sut = new QueueScenario();
        sut.Call(0);
        sut.Start();
        var cancelled = sut.Call(1);
        var other = sut.Call(2);

        cancelled.Cancel();

        Assert.True(cancelled.Response.IsCanceled);
        sut.Finish();
        Assert.True(other.IsServed);
        Assert.Equal([1, 1], sut.Session.Runs);
    }

    [Fact]
    public void RunAsync_PartsOfARequestDifferInShape_FailsThisRequestAndRunsNothingAgain()
    {
        using var sut = new QueueScenario();
        var split = sut.Call(0, 1, 2, 3, 4, 5, 6, 7, 8);
        split.Expected = InferenceError.RuntimeFailure;
        sut.Start();
        var other = sut.Call(9);
        sut.EndRun();
        sut.Start();

        sut.Session.ExtraColumns = 1;
        sut.EndRun();

        Assert.Equal(InferenceError.RuntimeFailure, split.Error);
        Assert.Contains("differ in shape ([8,1] and [1,2])", split.Response.Exception!.Message);
        Assert.Equal([18, 0], other.TakeResponse()[0].Values<float>().ToArray());
        Assert.Equal([8, 2], sut.Session.Runs);
    }

    [Fact]
    public void Stall_RequestsWait_GrowsUntilARunEnds()
    {
        using var sut = new QueueScenario();
        sut.Call(0);
        sut.Start();
        sut.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.Zero, sut.Queue.Stall);
        sut.Call(1);
        sut.Time.Advance(TimeSpan.FromSeconds(20));
        sut.Call(2);
        Assert.Equal(TimeSpan.FromSeconds(20), sut.Queue.Stall);

        sut.EndRun();
        sut.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(TimeSpan.FromSeconds(1), sut.Queue.Stall);
        sut.Finish();
        Assert.Equal(TimeSpan.Zero, sut.Queue.Stall);
    }

    [Fact]
    public void RunAsync_OneCallerOfABatchCancels_ItsTaskEndsAtOnceAndTheRunContinues()
    {
        using var sut = new QueueScenario();
        sut.Call(0);
        sut.Start();
        var cancelled = sut.Call(1);
        var other = sut.Call(2);
        sut.EndRun();
        sut.Start();

        cancelled.Cancel();

        Assert.True(cancelled.Response.IsCanceled);
        Assert.False(sut.Session.Running[0].IsCancelled);
        sut.EndRun();
        Assert.True(other.IsServed);
    }

    [Fact]
    public void RunAsync_AllCallersOfABatchCancel_CancelsTheRunWhichKeepsTheSession()
    {
        using var sut = new QueueScenario();
        sut.Call(0);
        sut.Start();
        var callers = new[] { sut.Call(1), sut.Call(2) };
        sut.EndRun();
        sut.Start();

        foreach (var caller in callers)
            caller.Cancel();

        Assert.True(sut.Session.Running[0].IsCancelled);
        Assert.All(callers, caller => Assert.True(caller.Response.IsCanceled));
        sut.Close();
        Assert.Equal(0, sut.Session.Disposals);
        sut.EndRun();
        sut.AwaitEnd();
        Assert.Equal(1, sut.Session.Disposals);
    }

    [Fact]
    public void RunAsync_OnlyCallerCancels_ItsTaskEndsWhenTheRunNoLongerReadsTheInputs()
    {
        using var sut = new QueueScenario();
        var caller = sut.Call(1);
        sut.Start();

        caller.Cancel();

        Assert.True(sut.Session.Running[0].IsCancelled);
        Assert.False(caller.Response.IsCompleted);
        sut.EndRun();
        Assert.True(caller.Response.IsCanceled);
    }

    [Fact]
    public void RunAsync_OneRequestMakesItsBatchFail_OnlyThisRequestFails()
    {
        using var sut = new QueueScenario();
        sut.Call(0);
        sut.Start();
        sut.Call(1);
        var bad = sut.Call(SteppedSession.Poison);
        sut.Call(3);

        sut.Finish();

        Assert.Equal(InferenceError.RuntimeFailure, bad.Error);
        Assert.Equal(3, sut.Callers.Count(caller => caller.IsServed));
        Assert.Equal([1, 3, 1, 1, 1], sut.Session.Runs);
    }

    /// <summary>The same holds for split requests beside several requests that fail.</summary>
    [Fact]
    public void RunAsync_SomeRequestsMakeEachBatchFail_TheOthersRunOnceMore()
    {
        using var sut = new QueueScenario(slots: 2, maxBatch: 4);
        sut.Call(0);
        sut.Call(0);
        sut.StartAll();
        sut.Call(10, 11, 12, 13, 14, 15, 16, 17, 18);
        for (var i = 0; i < 20; i++)
            sut.Call(i % 3 == 0 ? SteppedSession.Poison : 100 + i);

        sut.Finish();

        Assert.All(sut.Session.Values.Where(value => value >= 10).GroupBy(value => value), runs => Assert.InRange(runs.Count(), 1, 2));
        Assert.Contains(sut.Session.Values.GroupBy(value => value), runs => runs.Key >= 10 && runs.Count() == 2);
        Assert.Equal(7, sut.Callers.Count(caller => caller.Error == InferenceError.RuntimeFailure));
        Assert.Equal(16, sut.Callers.Count(caller => caller.IsServed));
    }

    [Fact]
    public void RunAsync_PartOfALargeRequestFails_EndsItsOtherParts()
    {
        using var sut = new QueueScenario(slots: 2, maxBatch: 2);
        var caller = sut.Call(SteppedSession.Poison, 1, 2, 3, 4, 5, 6, 7);
        sut.StartAll();
        Assert.Equal(2, sut.Session.Running.Count);

        sut.EndRun();

        Assert.True(sut.Session.Running[0].IsCancelled);
        sut.Finish();
        Assert.Equal(InferenceError.RuntimeFailure, caller.Error);
        Assert.Equal(2, sut.Session.Runs.Count);
    }
}
