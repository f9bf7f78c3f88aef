using Functions.Worker.Host;
using Functions.Worker.Http;
using Functions.Worker.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Worker.Tests.Host;

public sealed class PendingHttpInvocationTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _time = new();
    private readonly Invocation _invocation = new(new InvocationRequest { InvocationId = "i" }, MessageFunctions.Echo);

    [Fact]
    public async Task Invocation_NeverAnnounced_EndsForBoth()
    {
        var sut = new PendingHttpInvocation();

        var waiting = sut.WaitForInvocationAsync(Patience, _time, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        _time.Advance(Patience);

        Assert.Null(await waiting);
        Assert.False(sut.TryAnnounce(_invocation));
    }

    [Fact]
    public async Task Invocation_ClientLeaves_EndsAtOnce()
    {
        using var leaving = new CancellationTokenSource();
        var sut = new PendingHttpInvocation();

        var waiting = sut.WaitForInvocationAsync(Patience, _time, leaving.Token);
        await leaving.CancelAsync();

        Assert.Null(await waiting);
    }

    [Fact]
    public async Task Invocation_AnnouncedBefore_IsThereThoughTheClientLeft()
    {
        var sut = new PendingHttpInvocation();

        Assert.True(sut.TryAnnounce(_invocation));

        Assert.Same(_invocation, await sut.WaitForInvocationAsync(Patience, _time, new CancellationToken(canceled: true)));
    }

    [Fact]
    public async Task Request_NeverArrives_EndsForBoth()
    {
        var sut = new PendingHttpInvocation();

        var waiting = sut.WaitForRequestAsync(Patience, _time, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        _time.Advance(Patience);

        Assert.False(await waiting);
        Assert.False(sut.TryMarkRequested());
    }

    [Fact]
    public async Task Request_CameBefore_IsThereThoughTheInvocationIsCancelled()
    {
        var sut = new PendingHttpInvocation();

        Assert.True(sut.TryMarkRequested());

        Assert.True(await sut.WaitForRequestAsync(Patience, _time, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Leave_AnotherOfTheSameId_Stays()
    {
        var sut = new PendingHttpInvocations();
        var (first, again) = (sut.GetOrAdd("i"), sut.GetOrAdd("i"));
        sut.Remove("i", first);
        var next = sut.GetOrAdd("i");
        sut.Remove("i", first);

        Assert.Same(first, again);
        Assert.Same(next, sut.GetOrAdd("i"));
        Assert.Equal(1, sut.Count);
    }

    [Fact]
    public async Task End_Outcome_IsSeenByTheOther()
    {
        var sut = new PendingHttpInvocation();

        sut.End(FunctionOutcome.Success);

        Assert.Equal(FunctionOutcome.Success, await sut.Ended);
    }
}
