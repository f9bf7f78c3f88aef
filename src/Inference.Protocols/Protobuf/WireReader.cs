using System.Buffers;
using System.Text;

namespace Inference.Protocols.Protobuf;

/// <summary>
/// Reads the fields of one protobuf message in place (protobuf.dev/programming-guides/encoding). Only strings allocate memory. All failures
/// are <see cref="InferenceError.InvalidRequest"/>.
/// </summary>
internal ref struct WireReader(ReadOnlySequence<byte> message)
{
    private const int MaxVarintBytes = 10;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private SequenceReader<byte> _reader = new(message);

    public readonly bool IsAtEnd => _reader.End;

    /// <summary>Moves to the next field; false at the end of the message.</summary>
    public bool TryReadTag(out int field, out WireType type)
    {
        (field, type) = (0, default);
        if (_reader.End)
            return false;
        var tag = ReadVarint();
        (field, type) = ((int)(tag >> 3), (WireType)(tag & 7));
        return tag <= uint.MaxValue && field > 0 && type is WireType.Varint or WireType.Fixed64 or WireType.Bytes or WireType.Fixed32
            ? true
            : throw CreateMalformedError("a field with an invalid number or wire type");
    }

    public ulong ReadVarint()
    {
        var value = 0UL;
        for (var i = 0; i < MaxVarintBytes; i++)
        {
            if (!_reader.TryRead(out var next))
                throw CreateMalformedError("it ends within a number");
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
                return value;
        }

        throw CreateMalformedError("a number of more than ten bytes");
    }

    public ReadOnlySequence<byte> ReadFixed(int size) =>
        _reader.TryReadExact(size, out var bytes) ? bytes : throw CreateMalformedError("it ends within a number");

    /// <summary>Reads bytes, a text, a message or packed numbers as a slice of the same memory.</summary>
    public ReadOnlySequence<byte> ReadBytes()
    {
        var length = ReadVarint();
        if (length > (ulong)_reader.Remaining)
            throw CreateMalformedError($"a field of {Counted.Text((long)length, "byte")}, with {_reader.Remaining} left");
        _reader.TryReadExact((int)length, out var bytes);
        return bytes;
    }

    public string ReadString()
    {
        var bytes = ReadBytes();
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw CreateMalformedError("a text that is not UTF-8");
        }
    }

    public void Skip(WireType type)
    {
        switch (type)
        {
            case WireType.Varint:
                ReadVarint();
                break;
            case WireType.Fixed64:
                ReadFixed(sizeof(ulong));
                break;
            case WireType.Bytes:
                ReadBytes();
                break;
            case WireType.Fixed32:
                ReadFixed(sizeof(uint));
                break;
        }
    }

    /// <summary>Throws when a field does not have the wire type that the protocol defines for its number.</summary>
    public readonly void ThrowIfTypeDiffers(WireType type, WireType expected)
    {
        if (type != expected)
            throw CreateMalformedError($"a field of wire type {type} instead of {expected}");
    }

    private readonly InferenceException CreateMalformedError(string problem) =>
        InferenceException.InvalidRequest(
            $"The message does not have the protobuf type of this call: {problem}, at byte {_reader.Consumed} of {_reader.Length} in this part "
            + "of the message.");
}
