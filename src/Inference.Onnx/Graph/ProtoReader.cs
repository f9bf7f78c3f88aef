using System.Buffers.Binary;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Inference.Onnx.Graph;

/// <summary>
/// Reads a protobuf file field by field, from start to end. Unneeded fields are skipped without a read. So the time depends on the size of
/// the graph, and not on the size of the weights. The wire format: https://protobuf.dev/programming-guides/encoding.
/// </summary>
internal sealed class ProtoReader : IDisposable
{
    /// <summary>The largest number of a field that protobuf allows.</summary>
    public const int MaxField = (1 << 29) - 1;

    /// <summary>The sizes are in bytes. The maximum depth of nested messages is the default of protobuf.</summary>
    private const int BufferSize = 1 << 16, MaxText = 1 << 20, MaxShortText = 256, MaxDepth = 100;

    private readonly SafeFileHandle _file;
    private readonly byte[] _buffer = new byte[BufferSize];

    /// <summary>The position of the first buffered byte in the file.</summary>
    private long _bufferStart;
    private int _bufferedCount;

    /// <summary>The position after the last byte of the current message.</summary>
    private long _end;
    private int _depth;

    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public ProtoReader(string path)
    {
        _file = File.OpenHandle(path);
        _end = RandomAccess.GetLength(_file);
    }

    /// <summary>The position of the next byte to read.</summary>
    private long Position { get; set; }

    /// <summary>Reads the tag of the next field of the message.</summary>
    /// <returns>False at the end of the message.</returns>
    public bool TryReadTag(out int field, out WireType type)
    {
        (field, type) = (0, default);
        if (Position >= _end)
            return false;
        var tag = ReadVarint();
        if (tag >> 3 > MaxField)
            throw new InvalidDataException("The file is not a protobuf message: the number of a field is too large.");
        (field, type) = ((int)(tag >> 3), (WireType)(tag & 7));
        return true;
    }

    /// <summary>Reads a number of one to ten bytes.</summary>
    /// <exception cref="InvalidDataException">
    /// The number has more than ten bytes, or the message ends in the middle of the number.
    /// </exception>
    public ulong ReadVarint()
    {
        var value = 0UL;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var next = ReadByte();
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }

        throw new InvalidDataException("The file is not a protobuf message: a number has more than ten bytes.");
    }

    public long ReadInt64() => (long)ReadVarint();

    public int ReadInt32() => (int)(long)ReadVarint();

    public float ReadFloat() => BitConverter.UInt32BitsToSingle(BinaryPrimitives.ReadUInt32LittleEndian(ReadExactly(stackalloc byte[4])));

    /// <summary>Reads a text.</summary>
    /// <exception cref="InvalidDataException">The text has more than one MiB.</exception>
    public string ReadString()
    {
        var length = ReadLength();
        if (length > MaxText)
            throw new InvalidDataException($"A name or value of the file has {length} bytes; at most {MaxText} are supported.");
        return Encoding.UTF8.GetString(ReadExactly(new byte[length]));
    }

    /// <summary>Reads a short text. A long text is skipped, and the result is null.</summary>
    public string? TryReadShortString()
    {
        var length = ReadLength();
        if (length <= MaxShortText)
            return Encoding.UTF8.GetString(ReadExactly(stackalloc byte[(int)length]));
        SkipBytes(length);
        return null;
    }

    /// <summary>
    /// Reads a field's length. The caller then skips the content with <see cref="SkipBytes"/> or reads it with <see cref="ReadExactly"/>.
    /// </summary>
    public long ReadLength()
    {
        var length = ReadVarint();
        if (length > (ulong)(_end - Position))
            throw new InvalidDataException("The file ends in the middle of a field, or is not a protobuf message.");
        return (long)length;
    }

    /// <summary>Enters a nested message or a packed list, whose length is next in the file.</summary>
    /// <returns>The end of the outer message, for <see cref="LeaveMessage"/>.</returns>
    public long EnterMessage()
    {
        var length = ReadLength();
        if (++_depth > MaxDepth)
            throw new InvalidDataException($"The messages of the file are nested more than {MaxDepth} levels deep.");
        var outerEnd = _end;
        _end = Position + length;
        return outerEnd;
    }

    /// <summary>Reads a nested message.</summary>
    /// <param name="value">The initial value, which is also the result for a message without fields.</param>
    /// <param name="readField">
    /// Receives the current value and the number of a field. Reads the field and returns the new value, or returns null to skip the field.
    /// </param>
    public T ReadMessage<T>(T value, Func<T, int, T?> readField)
        where T : class
    {
        var outerEnd = EnterMessage();
        while (TryReadTag(out var field, out var type))
        {
            if (readField(value, field) is { } next)
                value = next;
            else
                Skip(type);
        }

        LeaveMessage(outerEnd);
        return value;
    }

    /// <summary>Whether the current message has more bytes.</summary>
    public bool HasMore => Position < _end;

    /// <summary>Leaves a nested message or a packed list, and skips its unread bytes.</summary>
    /// <param name="outerEnd">The result of <see cref="EnterMessage"/>.</param>
    public void LeaveMessage(long outerEnd)
    {
        Position = _end;
        _end = outerEnd;
        _depth--;
    }

    /// <summary>Skips the content of a field.</summary>
    public void Skip(WireType type)
    {
        switch (type)
        {
            case WireType.Varint:
                ReadVarint();
                break;
            case WireType.Fixed64:
                SkipBytes(8);
                break;
            case WireType.Length:
                SkipBytes(ReadLength());
                break;
            case WireType.Fixed32:
                SkipBytes(4);
                break;
            default:
                throw new InvalidDataException($"The file is not a protobuf message: a field has the wire type {(int)type}.");
        }
    }

    /// <summary>Skips bytes without reading them.</summary>
    public void SkipBytes(long count)
    {
        if (count > _end - Position)
            throw new InvalidDataException("The file ends in the middle of a field, or is not a protobuf message.");
        Position += count;
    }

    /// <summary>Fills the span with the next bytes.</summary>
    public ReadOnlySpan<byte> ReadExactly(Span<byte> bytes)
    {
        if (bytes.Length > _end - Position)
            throw new InvalidDataException("The file ends in the middle of a field, or is not a protobuf message.");
        for (var filled = 0; filled < bytes.Length;)
        {
            var available = GetBuffered();
            var count = Math.Min(available.Length, bytes.Length - filled);
            available[..count].CopyTo(bytes[filled..]);
            filled += count;
            Position += count;
        }

        return bytes;
    }

    public void Dispose() => _file.Dispose();

    private byte ReadByte()
    {
        if (Position >= _end)
            throw new InvalidDataException("The file ends in the middle of a field, or is not a protobuf message.");
        var next = GetBuffered()[0];
        Position++;
        return next;
    }

    /// <summary>Returns the buffered bytes from the current position: at least one byte.</summary>
    private ReadOnlySpan<byte> GetBuffered()
    {
        if (Position < _bufferStart || Position >= _bufferStart + _bufferedCount)
        {
            _bufferStart = Position;
            _bufferedCount = RandomAccess.Read(_file, _buffer, Position);
            if (_bufferedCount == 0)
                throw new InvalidDataException("The file became shorter while it was read.");
        }

        return _buffer.AsSpan((int)(Position - _bufferStart), _bufferedCount - (int)(Position - _bufferStart));
    }
}

/// <summary>The encoding of a field's value.</summary>
internal enum WireType
{
    Varint = 0,
    Fixed64 = 1,
    Length = 2,
    Fixed32 = 5,
}
