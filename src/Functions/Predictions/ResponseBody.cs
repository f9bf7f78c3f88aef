using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>Writes large response bodies, and disconnects a client that reads too slowly (<see cref="ReadingRate"/>).</summary>
internal static class ResponseBody
{
    /// <summary>The number of bytes in a slice. The web server buffers this number of bytes before it waits for the client.</summary>
    private const int SliceSize = 64 * 1024;

    /// <summary>
    /// Writes in slices. The server would copy one large write into its own pool before it sends the first byte, and the pool would keep
    /// this memory.
    /// </summary>
    /// <exception cref="OperationCanceledException">The client reads too slowly, or has closed the connection.</exception>
    public static async ValueTask WriteSlicedAsync(this Stream body, ReadOnlyMemory<byte> bytes, HttpContext http)
    {
        ReadingRate? rate = null;
        try
        {
            do
            {
                var slice = bytes[..Math.Min(SliceSize, bytes.Length)];
                bytes = bytes[slice.Length..];
                var write = body.WriteAsync(slice, http.RequestAborted);
                if (!write.IsCompleted)
                    rate ??= ReadingRate.TryCreate(http);
                await write.ConfigureAwait(false);
            }
            while (!bytes.IsEmpty);
        }
        finally
        {
            if (rate is not null)
                await rate.DisposeAsync().ConfigureAwait(false);
        }
    }
}
