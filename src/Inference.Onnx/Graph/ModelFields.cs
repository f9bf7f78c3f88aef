namespace Inference.Onnx.Graph;

/// <summary>
/// Reads the fields of an ONNX file without their contents. The wire format: https://protobuf.dev/programming-guides/encoding.
/// </summary>
internal static class ModelFields
{
    /// <summary>The number of the field with the graph.</summary>
    private const int Graph = 7;

    /// <summary>The maximum number of fields to read. A file with more of them counts as a model: it may have many functions.</summary>
    private const int MaxFields = 1000;

    /// <summary>The maximum number of bytes of a tag and a length, of ten bytes each.</summary>
    private const int HeadSize = 20;

    /// <summary>Whether the file consists of whole fields, and one of them is a graph.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<bool> HasGraphAsync(Stream file, CancellationToken cancellationToken)
    {
        var (length, at, hasGraph) = (file.Length, 0L, false);
        var head = new byte[HeadSize];
        for (var fields = 0; at < length; fields++)
        {
            if (fields == MaxFields)
                return true;
            file.Position = at;
            var count = await file.ReadAtLeastAsync(head, HeadSize, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (Measure(head.AsSpan(0, count), out var field) is not { } size || size > length - at)
                return false;
            at += size;
            hasGraph |= field == Graph;
        }

        return hasGraph;
    }

    /// <summary>Returns the bytes of a field with its tag; null when the bytes are no field.</summary>
    private static long? Measure(ReadOnlySpan<byte> head, out ulong field)
    {
        field = 0;
        if (!TryReadVarint(head, out var tag, out var tagSize))
            return null;
        field = tag >> 3;
        var rest = head[tagSize..];
        return (field, (WireType)(tag & 7)) switch
        {
            (0, _) => null,
            (_, WireType.Varint) => TryReadVarint(rest, out _, out var size) ? tagSize + size : null,
            (_, WireType.Fixed64) => tagSize + 8,
            (_, WireType.Length) => TryReadVarint(rest, out var content, out var size) && content <= long.MaxValue / 2
                ? tagSize + size + (long)content
                : null,
            (_, WireType.Fixed32) => tagSize + 4,
            _ => null,
        };
    }

    private static bool TryReadVarint(ReadOnlySpan<byte> bytes, out ulong value, out int size)
    {
        (value, size) = (0, 0);
        for (var shift = 0; size < bytes.Length && shift < 70; shift += 7)
        {
            var next = bytes[size++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return true;
        }

        return false;
    }
}
