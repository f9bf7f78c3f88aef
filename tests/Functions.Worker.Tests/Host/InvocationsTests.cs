using Functions.Worker.Host;
using Functions.Worker.Protocol;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Worker.Tests.Host;

public sealed class InvocationsTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private readonly FakeTimeProvider _time = new();
    private readonly Invocations _sut;
    private readonly Invocation _invocation = new(new InvocationRequest { InvocationId = "i" }, MessageFunctions.Echo);

    public InvocationsTests() => _sut = new Invocations(_time);

    [Fact]
    public async Task Drain_NothingRuns_IsDoneAndLetsNoneBegin()
    {
        await _sut.DrainAsync(Grace);

        Assert.Equal("The worker is stopping.", _sut.Refusal(_invocation));
    }

    [Fact]
    public async Task Drain_InvocationEndsInTime_IsNotCancelled()
    {
        Assert.Null(_sut.Refusal(_invocation));

        var drain = _sut.DrainAsync(Grace);
        Assert.False(drain.IsCompleted);
        _sut.Remove(_invocation);

        await drain;
        Assert.False(_invocation.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Drain_GracePeriodOver_CancelsAndWaitsALittle()
    {
        Assert.Null(_sut.Refusal(_invocation));

        var drain = _sut.DrainAsync(Grace);
        _time.Advance(Grace);
        await Task.Run(() => _invocation.Token.WaitHandle.WaitOne(FakeHost.Patience));
        Assert.False(drain.IsCompleted);
        _sut.Remove(_invocation);

        await drain;
    }

    [Fact]
    public void Cancel_OneOfTwo_LeavesTheOther()
    {
        var other = new Invocation(new InvocationRequest { InvocationId = "o" }, MessageFunctions.Echo);
        Assert.Null(_sut.Refusal(_invocation));
        Assert.Null(_sut.Refusal(other));

        _sut.Cancel("i");
        _sut.Cancel("none");

        Assert.True(_invocation.Token.IsCancellationRequested);
        Assert.False(other.Token.IsCancellationRequested);
    }
}
