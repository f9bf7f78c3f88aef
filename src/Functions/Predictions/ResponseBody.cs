namespace Functions.Predictions;

/// <summary>Writes large response bodies.</summary>
internal static class ResponseBody
{
    /// <summary>The number of bytes in a slice. The web server buffers this number of bytes before it waits for the client.</summary>
    private const int SliceSize = 64 * 1024;

    /// <summary>
    /// Writes in slices. The server would copy one large write into its own pool before it sends the first byte, and the pool would keep
    /// this memory.
    /// </summary>
    public static async ValueTask WriteSlicedAsync(this Stream body, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        for (; bytes.Length > SliceSize; bytes = bytes[SliceSize..])
            await body.WriteAsync(bytes[..SliceSize], cancellationToken).ConfigureAwait(false);
        await body.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }
}
