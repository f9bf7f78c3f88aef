using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>
/// Writes large response bodies, and disconnects a client that reads too slowly, because the response keeps its memory in use. The web
/// server's own minimum rate is an average from the first byte on: a client whose system takes the first megabytes at once could then stop
/// reading for hours.
/// </summary>
internal static class ResponseBody
{
    /// <summary>The number of bytes in a slice. The web server buffers this number of bytes before it waits for the client.</summary>
    public const int SliceSize = 64 * 1024;

    /// <summary>The time in which the client must read a slice.</summary>
    public static readonly TimeSpan MaxSliceTime =
        TimeSpan.FromSeconds((SliceSize / BodyRate.BytesPerSecond) + BodyRate.GraceSeconds);

    /// <inheritdoc cref="WriteSlicedAsync(Stream, ReadOnlyMemory{byte}, HttpContext, TimeProvider)"/>
    public static ValueTask WriteSlicedAsync(this Stream body, ReadOnlyMemory<byte> bytes, HttpContext http) =>
        WriteSlicedAsync(body, bytes, http, TimeProvider.System);

    /// <summary>
    /// Writes in slices. The server would copy one large write into its own pool before it sends the first byte, and the pool would keep
    /// this memory. Aborts the connection when a slice takes longer than <see cref="MaxSliceTime"/>.
    /// </summary>
    /// <exception cref="OperationCanceledException">The connection was aborted, or the client has closed it.</exception>
    public static async ValueTask WriteSlicedAsync(Stream body, ReadOnlyMemory<byte> bytes, HttpContext http, TimeProvider time)
    {
        ITimer? timer = null;
        try
        {
            do
            {
                var slice = bytes[..Math.Min(SliceSize, bytes.Length)];
                var write = body.WriteAsync(slice, http.RequestAborted);
                if (!write.IsCompleted)
                {
                    timer ??= time.CreateTimer(
                        static http => ((HttpContext)http!).Abort(), http, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                    timer.Change(MaxSliceTime, Timeout.InfiniteTimeSpan);
                }

                await write.ConfigureAwait(false);
                timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                bytes = bytes[slice.Length..];
            }
            while (!bytes.IsEmpty);
        }
        finally
        {
            // Waits for a running abort, because the context may be used for the next request of the connection afterwards.
            if (timer is not null)
                await timer.DisposeAsync().ConfigureAwait(false);
        }
    }
}
