using System.Buffers;

namespace Inference.Models;

/// <summary>Finds out whether a model keeps weights in other files, which is called external data.</summary>
public static class ExternalData
{
    private const int ReadSize = 1 << 20;

    /// <summary>The key of an entry of TensorProto.external_data, which every tensor with external data must have.</summary>
    public static ReadOnlySpan<byte> Marker => "\n\u0008location"u8;

    /// <summary>Whether the model file names other files. A model without external data may seem to, never the other way round.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static bool IsUsedBy(string modelPath, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(modelPath, options: FileOptions.SequentialScan);
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            var (offset, kept) = (0L, 0);
            while (RandomAccess.Read(file, buffer.AsSpan(kept), offset) is var read and > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var seen = buffer.AsSpan(0, kept + read);
                if (seen.IndexOf(Marker) >= 0)
                    return true;
                offset += read;
                // The marker may begin in this part and end in the next.
                kept = Math.Min(Marker.Length - 1, seen.Length);
                seen[^kept..].CopyTo(buffer);
            }

            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
