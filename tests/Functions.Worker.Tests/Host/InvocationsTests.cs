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

        Assert.False(_sut.TryAdd(_invocation, out var refusal));
        Assert.Equal("The worker is stopping.", refusal);
    }

    [Fact]
    public async Task Drain_InvocationEndsInTime_IsNotCancelled()
    {
        Assert.True(_sut.TryAdd(_invocation, out _));

        var drain = _sut.DrainAsync(Grace);
        Assert.False(drain.IsCompleted);
        _sut.Remove(_invocation);

        await drain;
        Assert.False(_invocation.Token.IsCancellationRequested);
    }

    [Fact]
    public async Task Drain_GracePeriodOver_CancelsAndWaitsALittle()
    {
        Assert.True(_sut.TryAdd(_invocation, out _));

        var drain = _sut.DrainAsync(Grace);
        _time.Advance(Grace);
        await Task.Run(() => _invocation.Token.WaitHandle.WaitOne(FakeHost.Timeout));
        Assert.False(drain.IsCompleted);
        _sut.Remove(_invocation);

        await drain;
    }

    [Fact]
    public void Cancel_OneOfTwo_LeavesTheOther()
    {
        var other = new Invocation(new InvocationRequest { InvocationId = "o" }, MessageFunctions.Echo);
        Assert.True(_sut.TryAdd(_invocation, out _));
        Assert.True(_sut.TryAdd(other, out _));

        _sut.Cancel("i");
        _sut.Cancel("none");

        Assert.True(_invocation.Token.IsCancellationRequested);
        Assert.False(other.Token.IsCancellationRequested);
    }
}
