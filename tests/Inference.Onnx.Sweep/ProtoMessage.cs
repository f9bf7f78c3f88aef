using System.Text;

namespace Inference.Onnx.Sweep;

/// <summary>A protobuf message as a list of fields, so that a file can be read and written again with a few fields changed.</summary>
public sealed class ProtoMessage(List<ProtoField> fields)
{
    private const int Varint = 0;
    private const int EightBytes = 1;
    private const int Delimited = 2;
    private const int FourBytes = 5;

    public List<ProtoField> Fields => fields;

    public static ProtoMessage Parse(ReadOnlyMemory<byte> bytes)
    {
        var fields = new List<ProtoField>();
        for (var position = 0; position < bytes.Length;)
        {
            var tag = ReadVarint(bytes.Span, ref position);
            var (number, wire) = ((int)(tag >> 3), (int)(tag & 7));
            if (wire == Varint)
            {
                fields.Add(new ProtoField(number, wire, ReadVarint(bytes.Span, ref position), default));
                continue;
            }

            var length = wire switch
            {
                EightBytes => sizeof(ulong),
                FourBytes => sizeof(uint),
                Delimited => checked((int)ReadVarint(bytes.Span, ref position)),
                _ => throw new InvalidDataException($"Wire type {wire} at {position}."),
            };
            fields.Add(new ProtoField(number, wire, 0, bytes.Slice(position, length)));
            position += length;
        }

        return new ProtoMessage(fields);
    }

    public IEnumerable<ProtoField> GetFields(int number) => fields.Where(field => field.Number == number);

    public IEnumerable<ProtoMessage> Messages(int number) => GetFields(number).Select(field => Parse(field.Bytes));

    public ProtoMessage? Message(int number) => Messages(number).FirstOrDefault();

    public string Text(int number) => GetFields(number).Select(field => Encoding.UTF8.GetString(field.Bytes.Span)).LastOrDefault("");

    /// <summary>Returns the numbers of a repeated field, which may be packed.</summary>
    public IEnumerable<ulong> Numbers(int number)
    {
        foreach (var field in GetFields(number))
        {
            if (field.Wire == Varint)
            {
                yield return field.Value;
                continue;
            }

            for (var position = 0; position < field.Bytes.Length;)
                yield return ReadVarint(field.Bytes.Span, ref position);
        }
    }

    public ProtoMessage Without(params int[] numbers) => new(fields.FindAll(field => !numbers.Contains(field.Number)));

    public ProtoMessage With(int number, ReadOnlyMemory<byte> bytes) => new([.. fields, new ProtoField(number, Delimited, 0, bytes)]);

    public ProtoMessage With(int number, ProtoMessage message) => With(number, message.ToBytes());

    public ProtoMessage With(int number, ulong value) => new([.. fields, new ProtoField(number, Varint, value, default)]);

    public ProtoMessage With(int number, string text) => With(number, Encoding.UTF8.GetBytes(text));

    public byte[] ToBytes()
    {
        var bytes = new MemoryStream();
        foreach (var field in fields)
        {
            WriteVarint(bytes, ((ulong)(uint)field.Number << 3) | (uint)field.Wire);
            if (field.Wire == Varint)
                WriteVarint(bytes, field.Value);
            else if (field.Wire == Delimited)
                WriteVarint(bytes, (ulong)field.Bytes.Length);
            bytes.Write(field.Bytes.Span);
        }

        return bytes.ToArray();
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, ref int position)
    {
        var (value, shift) = (0UL, 0);
        while (true)
        {
            var next = bytes[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
            shift += 7;
        }
    }

    private static void WriteVarint(MemoryStream bytes, ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            bytes.WriteByte((byte)(value | 0x80));
        bytes.WriteByte((byte)value);
    }
}
