using Functions.Predictions;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Tests.Http;

/// <summary>The rule for bodies that arrive slowly, without a server.</summary>
public sealed class BodyRateTests : IDisposable
{
    private const int Large = 100_000;

    /// <summary>What must arrive in ten seconds.</summary>
    private const int Enough = 40 << 10;

    private readonly FakeTimeProvider _time = new();
    private readonly BodyRate _rate;

    public BodyRateTests() => _rate = new BodyRate(_time);

    public void Dispose() => _rate.Dispose();

    [Fact]
    public async Task WaitAsync_NothingForTenSeconds_Refuses()
    {
        var wait = WaitAsync(new TaskCompletionSource<int>(), Large);

        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        var refusal = await Assert.ThrowsAsync<RefusedRequestException>(() => wait);
        Assert.Equal((408, "bodyTooSlow"), (refusal.StatusCode, refusal.Code));
    }

    /// <summary>A byte every nine seconds is no progress, although each single wait is short enough.</summary>
    [Fact]
    public async Task WaitAsync_AFewBytesInEachWait_RefusesAfterTenSecondsInAll()
    {
        await WaitForAsync(TimeSpan.FromSeconds(9), Large);
        var second = WaitAsync(new TaskCompletionSource<int>(), Large + 1);

        _time.Advance(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAsync<RefusedRequestException>(() => second);
    }

    [Fact]
    public async Task WaitAsync_EnoughBytesInEachPeriod_GoesOnForHours()
    {
        for (var i = 0; i < 1000; i++)
            await WaitForAsync(TimeSpan.FromSeconds(9), Large + (i * Enough));
    }

    /// <summary>The time between two reads is the server's own.</summary>
    [Fact]
    public async Task WaitAsync_ServerIsSlowBetweenReads_DoesNotCount()
    {
        for (var i = 0; i < 9; i++)
        {
            await WaitForAsync(TimeSpan.FromSeconds(1), Large + i);
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    /// <summary>The next message of a stream begins with no bytes.</summary>
    [Fact]
    public async Task WaitAsync_NextMessage_HasAPeriodOfItsOwn()
    {
        await WaitForAsync(TimeSpan.FromSeconds(9), 10 * Large);
        await WaitForAsync(TimeSpan.FromSeconds(9), Large);
    }

    [Fact]
    public async Task WaitAsync_CallerLeaves_IsCancelledAndNotRefused()
    {
        using var left = new CancellationTokenSource();
        var wait = WaitAsync(new TaskCompletionSource<int>(), Large, left.Token);

        await left.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData((64 << 10) - 1, false)]
    [InlineData(64 << 10, true)]
    public void CreateFor_SmallBodies_HaveNone(long received, bool isLarge)
    {
        using var rate = BodyRate.CreateFor(received);
        Assert.Equal(isLarge, rate is not null);
    }

    /// <summary>Waits for a read that takes this long.</summary>
    private async Task WaitForAsync(TimeSpan duration, long received)
    {
        var read = new TaskCompletionSource<int>();
        var wait = WaitAsync(read, received);
        _time.Advance(duration);
        read.TrySetResult(1);
        Assert.Equal(1, await wait);
    }

    private Task<int> WaitAsync(TaskCompletionSource<int> read, long received, CancellationToken cancellationToken = default)
    {
        _rate.Token.Register(() => read.TrySetCanceled());
        return _rate.WaitAsync(new ValueTask<int>(read.Task), received, cancellationToken).AsTask();
    }
}
