namespace Inference.Onnx.Graph;

/// <summary>The kind of a file, determined from its protobuf fields.</summary>
internal enum ModelFileVerdict
{
    /// <summary>All fields are complete, and one of them is a graph.</summary>
    Model,

    /// <summary>The fields are those of an ONNX model, but the file ends in the middle of the last field.</summary>
    CutOff,

    /// <summary>All fields are complete and belong to an ONNX model, but none of them is a graph.</summary>
    NoGraph,

    /// <summary>
    /// The fields that were read belong to an ONNX model, but none of them is a graph. The remaining fields were not read.
    /// </summary>
    ManyFields,

    /// <summary>All fields are complete, but some of them do not belong to an ONNX model.</summary>
    OtherMessage,

    /// <summary>The file is not a protobuf message.</summary>
    NoMessage,
}

/// <summary>
/// Reads bytes of a file from a position. Fills the whole buffer, unless the file ends first. Returns the number of bytes that were read.
/// </summary>
internal delegate ValueTask<int> RangeReader(long position, Memory<byte> buffer);

/// <summary>
/// Reads the fields of an ONNX file without their contents. The wire format: https://protobuf.dev/programming-guides/encoding.
/// </summary>
internal static class ModelFieldScanner
{
    /// <summary>The number of the field with the graph.</summary>
    private const int GraphField = 7;

    /// <summary>The largest number of a field in onnx.proto. A newer ONNX may add higher numbers.</summary>
    private const int LargestFieldNumber = 26;

    /// <summary>The maximum number of fields to read. A model with many functions can have more fields.</summary>
    private const int MaxFieldCount = 1000;

    /// <summary>
    /// The number of bytes to read of each field. The tag and the length have up to ten bytes each, and the start of the content follows.
    /// </summary>
    private const int FieldHeadSize = 64;

    /// <summary>Reads the fields of a file, and classifies the file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static async Task<ModelFileVerdict> ClassifyAsync(RangeReader read, long length)
    {
        var (position, hasGraph, isModel) = (0L, false, true);
        var head = new byte[FieldHeadSize];
        for (var fields = 0; position < length; fields++)
        {
            if (fields == MaxFieldCount)
                return hasGraph ? ModelFileVerdict.Model : isModel ? ModelFileVerdict.ManyFields : ModelFileVerdict.OtherMessage;
            var count = await read(position, head).ConfigureAwait(false);
            if (Field.Read(head.AsSpan(0, count)) is not { } field)
                return hasGraph ? ModelFileVerdict.CutOff : ModelFileVerdict.NoMessage;
            isModel &= field.BelongsToModel;
            if (field.Size is not { } size || size > length - position)
                return isModel || hasGraph ? ModelFileVerdict.CutOff : ModelFileVerdict.NoMessage;
            position += size;
            hasGraph |= isModel && field.Number == GraphField;
        }

        return hasGraph ? ModelFileVerdict.Model : isModel ? ModelFileVerdict.NoGraph : ModelFileVerdict.OtherMessage;
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

    /// <param name="Size">The length of the field in bytes, including its tag; null when the file ends in the middle of the length.</param>
    /// <param name="BelongsToModel">Whether an ONNX model may contain a field with this number, wire type and content.</param>
    private readonly record struct Field(ulong Number, long? Size, bool BelongsToModel)
    {
        /// <summary>Reads a field; returns null when the bytes are not a field.</summary>
        public static Field? Read(ReadOnlySpan<byte> head)
        {
            if (!TryReadVarint(head, out var tag, out var tagSize) || tag >> 3 is 0 or > ProtoReader.MaxField)
                return null;
            var (number, type) = (tag >> 3, (WireType)(tag & 7));
            return type switch
            {
                WireType.Fixed64 => new Field(number, tagSize + 8, number > LargestFieldNumber),
                WireType.Fixed32 => new Field(number, tagSize + 4, number > LargestFieldNumber),
                WireType.Varint or WireType.Length => ReadVarint(number, type, head[tagSize..], tagSize),
                _ => null,
            };
        }

        private static Field? ReadVarint(ulong number, WireType type, ReadOnlySpan<byte> rest, int tagSize)
        {
            if (!TryReadVarint(rest, out var value, out var size))
                return rest.Length < 10 ? new Field(number, Size: null, IsModelField(number, type, content: default)) : null;
            if (type == WireType.Varint)
                return new Field(number, tagSize + size, IsModelField(number, type, content: default));
            var content = rest[size..];
            return new Field(
                number,
                value > long.MaxValue / 2 ? null : tagSize + size + (long)value,
                IsModelField(number, type, value < (ulong)content.Length ? content[..(int)value] : content));
        }

        /// <summary>
        /// Whether a field may belong to ModelProto in onnx.proto. The number of the field determines whether the field is a number, a text
        /// or a message. For example, field 2 of ModelProto is a text, and field 2 of TensorFlow's SavedModel is a message.
        /// </summary>
        private static bool IsModelField(ulong number, WireType type, ReadOnlySpan<byte> content) => number switch
        {
            1 or 5 => type == WireType.Varint,
            2 or 3 or 4 => type == WireType.Length && IsText(content),
            6 or 7 or 8 or 14 or 20 or 25 or 26 => type == WireType.Length,
            _ => number > LargestFieldNumber,
        };

        /// <summary>
        /// Whether the bytes are text and not a nested message. A message begins with a tag. The tags of a message's fields 1 to 3 are
        /// control characters, which names and texts do not contain.
        /// </summary>
        private static bool IsText(ReadOnlySpan<byte> content) => !content.ContainsAnyInRange((byte)0, (byte)31);
    }
}
