using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Inference.Onnx.Sweep;

/// <summary>The value of a TensorProto.</summary>
/// <param name="Type">The element type: <c>TensorProto.DataType</c>.</param>
/// <param name="Data">
/// The elements in row-major order, as little-endian numbers. Each string follows its length in 32 bits, as in the binary form of the Open
/// Inference Protocol.
/// </param>
public sealed record TestTensor(int Type, long[] Shape, byte[] Data)
{
    public const int StringType = 8;

    private const int RawData = 9;

    /// <summary>The size of an element in bytes, by type; 0 for strings and unsupported types.</summary>
    private static readonly int[] Sizes = [0, 4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8, 0, 0, 2];

    public int ElementSize => Type < Sizes.Length ? Sizes[Type] : 0;

    public long Count => Shape.Aggregate(1L, (count, size) => count * size);

    /// <returns>Null for an unsupported type.</returns>
    public static TestTensor? Parse(ProtoMessage tensor)
    {
        var type = (int)tensor.Numbers(2).LastOrDefault();
        long[] shape = [.. tensor.Numbers(1).Select(size => (long)size)];
        var empty = new TestTensor(type, shape, []);
        if (type == StringType)
            return empty with { Data = [.. tensor.GetFields(6).SelectMany(text => Pack(text.Bytes.Span))] };
        if (empty.ElementSize == 0)
            return null;
        var raw = tensor.GetFields(RawData).ToArray();
        return empty with { Data = raw.Length > 0 ? raw[0].Bytes.ToArray() : FromFields(tensor, type, empty.ElementSize) };
    }

    public ProtoMessage ToProto(string name)
    {
        var proto = Shape.Aggregate(new ProtoMessage([]), (tensor, size) => tensor.With(1, (ulong)size)).With(2, (ulong)Type).With(8, name);
        return Type == StringType ? Texts().Aggregate(proto, (tensor, text) => tensor.With(6, text)) : proto.With(RawData, Data);
    }

    /// <summary>Returns the bytes of each string.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Texts()
    {
        for (var position = 0; position < Data.Length;)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(Data.AsSpan(position));
            yield return Data.AsMemory(position + sizeof(int), length);
            position += sizeof(int) + length;
        }
    }

    /// <summary>Returns the first elements as a tensor of another shape, which must not have more elements.</summary>
    public TestTensor TakeShape(long[] shape)
    {
        var count = shape.Aggregate(1L, (count, size) => count * size);
        return Type == StringType
            ? new TestTensor(Type, shape, [.. Texts().Take((int)count).SelectMany(text => Pack(text.Span))])
            : new TestTensor(Type, shape, Data[..(int)(count * ElementSize)]);
    }

    public static byte[] Pack(ReadOnlySpan<byte> text)
    {
        var packed = new byte[sizeof(int) + text.Length];
        BinaryPrimitives.WriteInt32LittleEndian(packed, text.Length);
        text.CopyTo(packed.AsSpan(sizeof(int)));
        return packed;
    }

    /// <summary>
    /// Reads the elements from the field for their type. Floats and doubles have a fixed size. Integers and 16-bit floats are varints.
    /// </summary>
    private static byte[] FromFields(ProtoMessage tensor, int type, int size)
    {
        var (number, isFixed) = type switch
        {
            1 => (4, true),
            11 => (10, true),
            7 => (7, false),
            12 or 13 => (11, false),
            _ => (5, false),
        };
        if (isFixed)
            return [.. tensor.GetFields(number).SelectMany(field => field.Bytes.ToArray())];
        ulong[] values = [.. tensor.Numbers(number)];
        return [.. values.SelectMany(value => MemoryMarshal.AsBytes([value])[..size].ToArray())];
    }
}
