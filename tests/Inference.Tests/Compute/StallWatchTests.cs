using Inference.Compute;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Tests.Compute;

public sealed class StallWatchTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<Grant> _unbegun = [];

    [Fact]
    public void Measure_NoThreadBeginsTheGrant_IsStalledSinceTheFirstCall()
    {
        using var governor = new Governor(slots: 2, (grant, _) => _unbegun.Add(grant));
        var sut = new StallWatch(governor, _time);
        _ = new BackgroundJob(governor).RunAsync(() => true, slots: 2, CancellationToken.None);

        Assert.Equal(TimeSpan.Zero, sut.Measure());
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(TimeSpan.FromSeconds(30), sut.Measure());

        _unbegun[0].Execute();
        Assert.Equal(TimeSpan.Zero, sut.Measure());
    }

    [Fact]
    public async Task Measure_OneLongRun_IsNoStall()
    {
        using var governor = new Governor(slots: 1);
        using var endOfRun = new ManualResetEventSlim();
        var entered = new TaskCompletionSource();
        var sut = new StallWatch(governor, _time);
        var run = new BackgroundJob(governor).RunAsync(
            () =>
            {
                entered.SetResult();
                endOfRun.Wait();
                return true;
            },
            slots: 1,
            CancellationToken.None);
        await entered.Task;

        _ = sut.Measure();
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.Zero, sut.Measure());

        endOfRun.Set();
        await run;
    }

    [Fact]
    public void Measure_OtherGrantsRanBetweenTheCalls_StartsAgain()
    {
        using var governor = new Governor(slots: 1, (grant, _) => _unbegun.Add(grant));
        var sut = new StallWatch(governor, _time);
        _ = new BackgroundJob(governor).RunAsync(() => true, slots: 1, CancellationToken.None);
        _ = new BackgroundJob(governor).RunAsync(() => true, slots: 1, CancellationToken.None);
        Assert.Equal(TimeSpan.Zero, sut.Measure());
        _time.Advance(TimeSpan.FromSeconds(40));

        // The first job ends, and the second job receives its slot.
        _unbegun[0].Execute();

        Assert.Equal(TimeSpan.Zero, sut.Measure());
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.FromSeconds(10), sut.Measure());
        _unbegun[1].Execute();
    }
}
