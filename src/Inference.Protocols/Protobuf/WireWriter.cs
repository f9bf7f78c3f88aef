using System.Buffers;
using System.Numerics;
using System.Text;

namespace Inference.Protocols.Protobuf;

/// <summary>
/// Writes fields of protobuf messages. A length precedes its data, so the caller computes sizes first, with the static members. Call
/// <see cref="Flush"/> at the end.
/// </summary>
internal ref struct WireWriter(IBufferWriter<byte> output)
{
    /// <summary>The maximum size of a varint in bytes.</summary>
    private const int MaxVarintBytes = 10;

    private Span<byte> _span;
    private int _used;

    public static int VarintSize(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    /// <summary>
    /// Returns the size of a field with bytes. The field's number must be at most 15, because larger numbers have longer tags.
    /// </summary>
    public static long BytesSize(long length) => 1 + VarintSize((ulong)length) + length;

    public static long StringSize(string text) => BytesSize(Encoding.UTF8.GetByteCount(text));

    public void WriteString(int field, string text)
    {
        WriteTagAndLength(field, Encoding.UTF8.GetByteCount(text));
        var bytes = Reserve(Encoding.UTF8.GetByteCount(text));
        _used += Encoding.UTF8.GetBytes(text, bytes);
    }

    /// <summary>Writes the tag and length of bytes, a message or packed numbers, which the caller writes next.</summary>
    public void WriteTagAndLength(int field, long length)
    {
        WriteVarint(((uint)field << 3) | (uint)WireType.Bytes);
        WriteVarint((ulong)length);
    }

    public void WriteVarint(ulong value)
    {
        var bytes = Reserve(MaxVarintBytes);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            bytes[length++] = (byte)(value | 0x80);
        bytes[length++] = (byte)value;
        _used += length;
    }

    /// <summary>Copies the bytes directly to the output, in as many pieces as needed.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes)
    {
        Flush();
        output.Write(bytes);
    }

    public void Flush()
    {
        if (_used > 0)
            output.Advance(_used);
        _span = [];
        _used = 0;
    }

    private Span<byte> Reserve(int size)
    {
        if (_span.Length - _used < size)
        {
            Flush();
            _span = output.GetSpan(size);
        }

        return _span[_used..];
    }
}
