using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Functions.Predictions;

/// <summary>
/// Reads the rest of a refused body and drops the bytes. If the server closes a connection while the client still sends, the connection is
/// reset. Most clients then report the reset instead of the response.
/// </summary>
internal static class UnreadBody
{
    /// <summary>
    /// The time limit for reading. The web server itself would read for 5 s, which is too short for a large body on a busy server.
    /// </summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The maximum number of bytes per second that are read from all refused bodies together. Each megabyte costs about 2 ms of processor
    /// time that accepted requests need.
    /// </summary>
    private const long BytesPerSecond = 128 << 20;

    /// <summary>The time at which the next part of any refused body may be read, as a timestamp of <see cref="Stopwatch"/>.</summary>
    private static long _nextTurn;

    /// <summary>Sends the response, and reads the body to its end or until the time limit.</summary>
    public static async Task DrainAsync(HttpContext http)
    {
        await http.Response.CompleteAsync().ConfigureAwait(false);
        // The server's own maximum would end the reading of a body that is too large. The maximum is not needed here, because no bytes are
        // kept and the time is limited.
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limit.CancelAfter(TimeLimit);
        try
        {
            var body = http.Request.BodyReader;
            for (var isComplete = false; !isComplete;)
            {
                var read = await body.ReadAsync(limit.Token).ConfigureAwait(false);
                isComplete = read.IsCompleted;
                var length = read.Buffer.Length;
                body.AdvanceTo(read.Buffer.End);
                if (!isComplete)
                    await WaitForTurnAsync(length, limit.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has disconnected, sends for too long, or exceeds the maximum size. The client already has the response.
        }
    }

    /// <summary>
    /// Limits the rate of all parts to <see cref="BytesPerSecond"/>. Each part delays the next one by its length divided by this rate.
    /// After a part of 64 MiB, for example, the next part waits half a second.
    /// </summary>
    private static Task WaitForTurnAsync(long bytes, CancellationToken cancellationToken)
    {
        var duration = bytes * Stopwatch.Frequency / BytesPerSecond;
        var now = Stopwatch.GetTimestamp();
        long observed, turn;
        do
        {
            observed = Volatile.Read(ref _nextTurn);
            turn = Math.Max(observed, now);
        }
        while (Interlocked.CompareExchange(ref _nextTurn, turn + duration, observed) != observed);

        var wait = Stopwatch.GetElapsedTime(now, turn);
        return wait < TimeSpan.FromMilliseconds(1) ? Task.CompletedTask : Task.Delay(wait, TimeProvider.System, cancellationToken);
    }
}
