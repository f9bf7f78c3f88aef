using Inference.Serving;

namespace Inference.Tests.Serving;

public sealed class GovernorTests
{
    [Fact]
    public async Task RunAsync_MoreRunsThanSlots_NeverExceedsTheSlots()
    {
        using var sut = new Governor(slots: 3);
        var (running, most) = (0, 0);
        using var allBusy = new Barrier(3);

        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => sut.RunAsync(
            () =>
            {
                var now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                allBusy.SignalAndWait();
                Interlocked.Decrement(ref running);
                return 0;
            },
            CancellationToken.None)));

        Assert.Equal(3, most);
    }

    [Fact]
    public async Task RunAsync_CancelledWhileQueued_NeverStarts()
    {
        using var sut = new Governor(slots: 1);
        using var release = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var started = false;
        var blocker = sut.RunAsync(() => { release.Wait(); return 0; }, CancellationToken.None);

        var queued = sut.RunAsync(() => started = true, cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        release.Set();
        await blocker;
        await sut.RunAsync(() => 0, CancellationToken.None);

        Assert.False(started);
    }

    [Fact]
    public async Task RunAsync_QueueIsFull_RefusesWithARetryTimeAndRecovers()
    {
        using var sut = new Governor(slots: 1);
        using var release = new ManualResetEventSlim();
        var accepted = new List<Task<int>>();

        var exception = await Assert.ThrowsAsync<InferenceException>(async () =>
        {
            while (true)
                accepted.Add(sut.RunAsync(() => { release.Wait(); return 0; }, CancellationToken.None));
        });
        release.Set();
        await Task.WhenAll(accepted);

        Assert.Equal(InferenceError.Overloaded, exception.Error);
        Assert.NotNull(exception.RetryAfter);
        Assert.Equal(7, await sut.RunAsync(() => 7, CancellationToken.None));
    }

    [Fact]
    public async Task RunAsync_WorkThrows_TheSlotGoesOn()
    {
        using var sut = new Governor(slots: 1);

        await Assert.ThrowsAsync<InvalidOperationException>(() => sut.RunAsync<int>(() => throw new InvalidOperationException(), CancellationToken.None));

        Assert.Equal(1, await sut.RunAsync(() => 1, CancellationToken.None));
    }

    [Fact]
    public void Dispose_QueuedWork_IsFinished()
    {
        var sut = new Governor(slots: 2);
        var runs = Enumerable.Range(0, 100).Select(i => sut.RunAsync(() => i, CancellationToken.None)).ToArray();

        sut.Dispose();

        Assert.All(runs, run => Assert.True(run.IsCompletedSuccessfully));
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value; seen = Volatile.Read(ref target))
            Interlocked.CompareExchange(ref target, value, seen);
    }
}
