using System.IO.Pipelines;
using Functions.Predictions;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Tests.Http;

/// <summary>Tests the rule for slow bodies, without a server.</summary>
public sealed class BodyRateTests : IDisposable
{
    private const int Received = 100_000;

    /// <summary>The bytes that must arrive within ten seconds.</summary>
    private const int Enough = 40 << 10;

    private readonly FakeTimeProvider _time = new();
    private readonly Pipe _body = new();
    private readonly BodyRate _rate;

    public BodyRateTests() => _rate = new BodyRate(_body.Reader, _time);

    public void Dispose() => _rate.Dispose();

    [Fact]
    public async Task WaitAsync_NothingForTenSeconds_CancelsTheRead()
    {
        var wait = _rate.WaitAsync(_body.Reader.ReadAsync(), received: 0);

        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(wait.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.True((await wait).IsCanceled);
        Assert.True(_rate.IsTooSlow);
    }

    /// <summary>A byte every nine seconds is too slow, although each single wait is below the limit.</summary>
    [Fact]
    public async Task WaitAsync_AFewBytesInEachWait_CancelsAfterTenSecondsInAll()
    {
        await WaitForAsync(TimeSpan.FromSeconds(9), Received);
        var second = _rate.WaitAsync(_body.Reader.ReadAsync(), Received + 1);

        _time.Advance(TimeSpan.FromSeconds(1));

        Assert.True((await second).IsCanceled);
    }

    [Fact]
    public async Task WaitAsync_EnoughBytesInEachPeriod_MayTakeHours()
    {
        for (var i = 0; i < 1000; i++)
            await WaitForAsync(TimeSpan.FromSeconds(9), Received + (i * Enough));
    }

    /// <summary>The time between two reads is the server's own delay, so it does not count.</summary>
    [Fact]
    public async Task WaitAsync_ServerIsSlowBetweenReads_DoesNotCount()
    {
        for (var i = 0; i < 9; i++)
        {
            await WaitForAsync(TimeSpan.FromSeconds(1), Received + i);
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    /// <summary>The next message of a stream begins with few bytes.</summary>
    [Fact]
    public async Task WaitAsync_NextMessage_HasAPeriodOfItsOwn()
    {
        await WaitForAsync(TimeSpan.FromSeconds(9), 10 * Received);
        await WaitForAsync(TimeSpan.FromSeconds(9), Received);
    }

    [Fact]
    public async Task WaitAsync_CallerLeaves_IsCancelledAndNotTooSlow()
    {
        using var cancellation = new CancellationTokenSource();
        var wait = _rate.WaitAsync(_body.Reader.ReadAsync(cancellation.Token), Received);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await wait);
        Assert.False(_rate.IsTooSlow);
    }

    /// <summary>Waits for a byte that arrives after <paramref name="duration"/>.</summary>
    private async Task WaitForAsync(TimeSpan duration, long received)
    {
        var wait = _rate.WaitAsync(_body.Reader.ReadAsync(), received);
        _time.Advance(duration);
        await _body.Writer.WriteAsync(new byte[1]);
        var read = await wait;
        Assert.False(read.IsCanceled);
        _body.Reader.AdvanceTo(read.Buffer.End);
    }
}
