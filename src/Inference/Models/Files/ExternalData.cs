using System.Buffers;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Inference.Models.Files;

/// <summary>Detects whether a model keeps weights in other files, which are called external data.</summary>
public static class ExternalData
{
    /// <summary>The number of bytes of the file that are searched at once.</summary>
    private const int ReadSize = 1 << 20;

    /// <summary>The maximum number of bytes that are read after a marker: a file name, and the tag and length before the name.</summary>
    private const int NameSize = 4096;

    /// <summary>
    /// The encoded key "location" of an entry of TensorProto.external_data. Every tensor with external data has an entry with this key.
    /// </summary>
    private static ReadOnlySpan<byte> Marker => "\n\u0008location"u8;

    /// <summary>
    /// Whether the model file names other files. The result is true for every model with external data. By chance, the result can also be
    /// true for a model without external data.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read the file.</exception>
    public static bool IsUsedBy(string modelPath, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(modelPath, options: FileOptions.SequentialScan);
        return FindMarkers(file, cancellationToken).Any();
    }

    /// <summary>
    /// Returns the names of the files with the external data, as the model file contains them, in ordinal order. Null when the model seems
    /// to have external data, but one of the names cannot be read.
    /// </summary>
    /// <inheritdoc cref="IsUsedBy" path="/exception"/>
    public static IReadOnlyCollection<string>? FindFiles(string modelPath, CancellationToken cancellationToken)
    {
        using var file = File.OpenHandle(modelPath, options: FileOptions.SequentialScan);
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var end in FindMarkers(file, cancellationToken))
        {
            if (ReadName(file, end) is not { } name)
                return null;
            names.Add(name);
        }

        return names;
    }

    /// <summary>Returns the offset of the first byte after each marker in a file.</summary>
    private static IEnumerable<long> FindMarkers(SafeFileHandle file, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(ReadSize);
        try
        {
            var (offset, carried) = (0L, 0);
            while (RandomAccess.Read(file, buffer.AsSpan(carried), offset) is var read and > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var length = carried + read;
                for (var position = 0; buffer.AsSpan(position, length - position).IndexOf(Marker) is var found and >= 0;)
                {
                    position += found + Marker.Length;
                    yield return offset - carried + position;
                }

                offset += read;
                // A marker may begin in this part and end in the next.
                carried = Math.Min(Marker.Length - 1, length);
                buffer.AsSpan(length - carried, carried).CopyTo(buffer);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Reads the field StringStringEntryProto.value, which follows the key.</summary>
    private static string? ReadName(SafeFileHandle file, long offset)
    {
        Span<byte> field = stackalloc byte[NameSize];
        field = field[..RandomAccess.Read(file, field, offset)];
        // The field starts with its tag (field 2, a string) and the length of the string, a varint of one or two bytes.
        if (field.Length < 3 || field[0] != 0x12)
            return null;
        var (start, length) = field[1] < 0x80 ? (2, field[1]) : (3, (field[1] & 0x7f) | (field[2] << 7));
        return (start == 3 && field[2] >= 0x80) || length == 0 || start + length > field.Length ? null
            : Encoding.UTF8.GetString(field.Slice(start, length));
    }
}
