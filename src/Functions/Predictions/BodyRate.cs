using Functions.Hosting;
using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>
/// Ends the reading of a large body that arrives too slowly, because its memory stays in use meanwhile. The web server's own minimum is an
/// average since the first byte: a sender that began fast may then stop for hours. Only the time in which the server waits for bytes
/// counts.
/// </summary>
internal sealed class BodyRate(TimeProvider time) : IDisposable
{
    /// <summary>The minimum rate of a large request body and of a response, in bytes per second.</summary>
    public const int BytesPerSecond = 4 << 10;

    /// <summary>How long a body may stay below the minimum rate, in seconds.</summary>
    public const int GraceSeconds = 10;

    /// <summary>The bytes that must arrive within <see cref="GraceSeconds"/> of waiting.</summary>
    private const int BytesPerPeriod = BytesPerSecond * GraceSeconds;

    /// <summary>The minimum bytes of a large body. A smaller body holds little, and the web server's own minimum suffices.</summary>
    private const int MinSize = 64 << 10;

    private readonly CancellationTokenSource _tooSlow = new(Timeout.InfiniteTimeSpan, time);

    /// <summary>The bytes of the body when the period began.</summary>
    private long _before = long.MaxValue;

    /// <summary>The time that the server may still wait in the period.</summary>
    private TimeSpan _left;

    /// <param name="received">The bytes of a body that were received so far.</param>
    /// <returns>Null for a body that is not large yet.</returns>
    public static BodyRate? CreateFor(long received) => received < MinSize ? null : new BodyRate(TimeProvider.System);

    /// <summary>Cancels a read that waits for too long. Pass it to the read that is then given to <see cref="WaitAsync"/>.</summary>
    public CancellationToken Token => _tooSlow.Token;

    /// <summary>Waits for a read, for as long as the period allows.</summary>
    /// <param name="read">The read, begun with <see cref="Token"/>.</param>
    /// <param name="received">The bytes of the body, or of the message of a stream, that were received before.</param>
    /// <exception cref="RefusedRequestException">The body arrives too slowly.</exception>
    public async ValueTask<T> WaitAsync<T>(ValueTask<T> read, long received, CancellationToken cancellationToken)
    {
        if (read.IsCompletedSuccessfully)
            return read.Result;
        // Fewer bytes than before are those of another message.
        if (received < _before || received - _before >= BytesPerPeriod)
            (_before, _left) = (received, TimeSpan.FromSeconds(GraceSeconds));
        var started = time.GetTimestamp();
        await using var registration = cancellationToken.UnsafeRegister(
            static source => ((CancellationTokenSource)source!).Cancel(), _tooSlow).ConfigureAwait(false);
        _tooSlow.CancelAfter(_left > TimeSpan.Zero ? _left : TimeSpan.Zero);
        try
        {
            return await read.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_tooSlow.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new RefusedRequestException(
                $"The body arrives too slowly: less than {BytesPerPeriod} bytes in {GraceSeconds} s. Send it again, without "
                + "pauses.",
                StatusCodes.Status408RequestTimeout,
                ServerErrorCodes.BodyTooSlow);
        }
        finally
        {
            _tooSlow.CancelAfter(Timeout.InfiniteTimeSpan);
            _left -= time.GetElapsedTime(started);
        }
    }

    public void Dispose() => _tooSlow.Dispose();
}
