using System.Buffers.Binary;

namespace Inference.Tensors;

/// <summary>
/// Enumerates the elements in the data of a tensor of type <see cref="ElementType.Bytes"/>. The length of each element precedes its bytes.
/// </summary>
public ref struct PackedBytes(ReadOnlySpan<byte> data)
{
    /// <summary>The number of bytes of the length that precedes each element. The length is a 32-bit little-endian integer.</summary>
    public const int PrefixSize = sizeof(uint);

    private ReadOnlySpan<byte> _rest = data;

    /// <summary>The current element, without its length.</summary>
    public ReadOnlySpan<byte> Current { get; private set; }

    public bool MoveNext()
    {
        if (_rest.IsEmpty)
            return false;
        var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(_rest);
        Current = _rest.Slice(PrefixSize, length);
        _rest = _rest[(PrefixSize + length)..];
        return true;
    }

    public readonly PackedBytes GetEnumerator() => this;

    /// <summary>
    /// Removes and returns the first element of a tensor's data. Unlike <see cref="Current"/>, the result can be stored.
    /// </summary>
    /// <param name="data">The data; not empty. Set to the data of the following elements.</param>
    public static ReadOnlyMemory<byte> TakeFirst(ref ReadOnlyMemory<byte> data)
    {
        var element = data.Slice(PrefixSize, (int)BinaryPrimitives.ReadUInt32LittleEndian(data.Span));
        data = data[(PrefixSize + element.Length)..];
        return element;
    }

    /// <summary>Counts the elements of untrusted data. Returns false when the elements do not fill the data exactly.</summary>
    public static bool TryCount(ReadOnlySpan<byte> data, out long elements)
    {
        for (elements = 0; data.Length >= PrefixSize; elements++)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(data);
            if (length > data.Length - PrefixSize)
                return false;
            data = data[(PrefixSize + (int)length)..];
        }

        return data.IsEmpty;
    }

    /// <summary>Returns the offset in bytes of the element with this index. Reads the length of every element before it.</summary>
    internal static int Offset(ReadOnlySpan<byte> data, long index)
    {
        var offset = 0;
        for (; index > 0; index--)
            offset += PrefixSize + (int)BinaryPrimitives.ReadUInt32LittleEndian(data[offset..]);
        return offset;
    }
}
