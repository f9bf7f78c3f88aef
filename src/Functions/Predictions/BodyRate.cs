using System.IO.Pipelines;
using Functions.Hosting;
using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>
/// Ends the reading of a body that arrives too slowly, because a slow body keeps its memory in use. The web server's own minimum rate is an
/// average from the first byte on. With that minimum alone, a sender that began fast could stop for hours. This class counts only the time
/// in which the server waits for bytes.
/// </summary>
internal sealed class BodyRate(PipeReader body, TimeProvider time) : IDisposable
{
    /// <summary>The minimum rate of a request body and of a response, in bytes per second.</summary>
    public const int BytesPerSecond = 4 << 10;

    /// <summary>The number of seconds for which a body may stay below the minimum rate.</summary>
    public const int GraceSeconds = 10;

    /// <summary>The number of bytes that must arrive within <see cref="GraceSeconds"/> of waiting, unless the body ends before.</summary>
    private const int BytesPerPeriod = BytesPerSecond * GraceSeconds;

    private ITimer? _timer;
    private volatile bool _isTooSlow;

    /// <summary>
    /// The number of received bytes at the start of the current period. A new period begins after <see cref="BytesPerPeriod"/> more bytes.
    /// </summary>
    private long _bytesAtPeriodStart = long.MaxValue;

    /// <summary>The time for which the server may still wait in the current period.</summary>
    private TimeSpan _remainingWait;

    /// <summary>Whether a read was cancelled because the body arrives too slowly.</summary>
    public bool IsTooSlow => _isTooSlow;

    /// <summary>Waits for a read of the body. The rate is measured from the first read that has to wait.</summary>
    /// <param name="rate">The rate of the body; null before the first read that has to wait.</param>
    /// <param name="received">The number of bytes of the body, or of a gRPC call's current message, that arrived before this read.</param>
    public static ValueTask<T> WaitAsync<T>(ref BodyRate? rate, PipeReader body, ValueTask<T> read, long received) =>
        read.IsCompleted ? read : (rate ??= new BodyRate(body, TimeProvider.System)).WaitAsync(read, received);

    /// <summary>
    /// Waits for a read of the body, and cancels the read when the current period has no waiting time left. A cancelled read has no new
    /// bytes.
    /// </summary>
    /// <param name="received">The number of bytes of the body, or of a gRPC call's current message, that arrived before this read.</param>
    public async ValueTask<T> WaitAsync<T>(ValueTask<T> read, long received)
    {
        // The number of received bytes becomes smaller only when a new message begins.
        if (received < _bytesAtPeriodStart || received - _bytesAtPeriodStart >= BytesPerPeriod)
            (_bytesAtPeriodStart, _remainingWait) = (received, TimeSpan.FromSeconds(GraceSeconds));
        var started = time.GetTimestamp();
        _timer ??= time.CreateTimer(
            static rate => ((BodyRate)rate!).CancelRead(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(_remainingWait > TimeSpan.Zero ? _remainingWait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        try
        {
            return await read.ConfigureAwait(false);
        }
        finally
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _remainingWait -= time.GetElapsedTime(started);
        }
    }

    /// <summary>Creates the error for a body that arrives too slowly.</summary>
    public static RefusedRequestException CreateTooSlowError() => new(
        $"The body arrives too slowly: less than {BytesPerPeriod} bytes arrived in {GraceSeconds} s. Send the body again, "
        + "without pauses.",
        StatusCodes.Status408RequestTimeout,
        ServerErrorCodes.BodyTooSlow);

    public void Dispose() => _timer?.Dispose();

    private void CancelRead()
    {
        _isTooSlow = true;
        body.CancelPendingRead();
    }
}
