using System.Buffers.Binary;
using System.Text;

namespace Inference.Testing;

/// <summary>A message of onnx.proto (ONNX 1.12), written field by field.</summary>
internal sealed class OnnxProto
{
    private readonly MemoryStream _bytes = new();

    public OnnxProto Number(int field, long value)
    {
        Varint((ulong)field << 3);
        Varint((ulong)value);
        return this;
    }

    public OnnxProto Float(int field, float value)
    {
        Varint(((ulong)field << 3) | 5);
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public OnnxProto Floats(int field, IEnumerable<float> values)
    {
        foreach (var value in values)
            Float(field, value);
        return this;
    }

    public OnnxProto Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public OnnxProto Message(int field, OnnxProto value) => Bytes(field, value.ToArray());

    public OnnxProto Messages(int field, IEnumerable<OnnxProto> values)
    {
        foreach (var value in values)
            Message(field, value);
        return this;
    }

    public OnnxProto Texts(int field, IEnumerable<string> values)
    {
        foreach (var value in values)
            Text(field, value);
        return this;
    }

    public OnnxProto Bytes(int field, ReadOnlySpan<byte> value)
    {
        Varint(((ulong)field << 3) | 2);
        Varint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    public byte[] ToArray() => _bytes.ToArray();

    /// <summary>Creates a NodeProto.</summary>
    public static OnnxProto Node(string type, string[] inputs, string[] outputs, params OnnxProto[] attributes) =>
        new OnnxProto().Texts(1, inputs).Texts(2, outputs).Text(4, type).Messages(5, attributes);

    /// <summary>Creates an AttributeProto of an integer.</summary>
    public static OnnxProto Attribute(string name, long value) => new OnnxProto().Text(1, name).Number(3, value).Number(20, 2);

    /// <summary>Creates an AttributeProto of a graph.</summary>
    public static OnnxProto Attribute(string name, OnnxProto graph) => new OnnxProto().Text(1, name).Message(6, graph).Number(20, 5);

    /// <summary>Creates a ValueInfoProto of a tensor. A size of -1 is a dynamic dimension with the name "batch".</summary>
    public static OnnxProto Value(string name, int type, params long[] shape) =>
        Value(name, type, shape.Select(size => size < 0 ? new OnnxProto().Text(2, "batch") : new OnnxProto().Number(1, size)));

    /// <summary>Creates a ValueInfoProto of a tensor with dynamic dimensions. An empty text is a dimension without a name.</summary>
    public static OnnxProto Named(string name, int type, params string[] dimensions) =>
        Value(name, type, dimensions.Select(dimension => dimension.Length == 0 ? new OnnxProto() : new OnnxProto().Text(2, dimension)));

    /// <summary>Creates a ValueInfoProto of a tensor without a declared shape.</summary>
    public static OnnxProto Unranked(string name, int type) =>
        new OnnxProto().Text(1, name).Message(2, new OnnxProto().Message(1, new OnnxProto().Number(1, type)));

    /// <summary>Creates a ValueInfoProto of a tensor from messages of TensorShapeProto.Dimension.</summary>
    public static OnnxProto Value(string name, int type, IEnumerable<OnnxProto> dimensions)
    {
        var tensor = new OnnxProto().Number(1, type).Message(2, new OnnxProto().Messages(1, dimensions));
        return new OnnxProto().Text(1, name).Message(2, new OnnxProto().Message(1, tensor));
    }

    /// <summary>Creates a TensorProto whose elements all have the same value.</summary>
    public static OnnxProto Floats(string name, float value, params long[] shape)
    {
        var bytes = new byte[sizeof(float) * shape.Aggregate(1L, (count, size) => count * size)];
        for (var offset = 0; offset < bytes.Length; offset += sizeof(float))
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(offset), value);
        return Tensor(name, OnnxType.Float, bytes, shape);
    }

    /// <summary>Creates a TensorProto.</summary>
    public static OnnxProto Tensor(string name, int type, ReadOnlySpan<byte> bytes, params long[] shape)
    {
        var tensor = new OnnxProto();
        foreach (var size in shape)
            tensor.Number(1, size);
        return tensor.Number(2, type).Text(8, name).Bytes(9, bytes);
    }

    /// <summary>Creates a GraphProto.</summary>
    public static OnnxProto Graph(OnnxProto[] nodes, OnnxProto[] inputs, OnnxProto[] outputs, params OnnxProto[] constants) =>
        new OnnxProto().Messages(1, nodes).Text(2, "graph").Messages(5, constants).Messages(11, inputs).Messages(12, outputs);

    /// <summary>Creates a ModelProto of IR version 8 and opset 17.</summary>
    public static byte[] Model(OnnxProto graph) =>
        new OnnxProto().Number(1, 8).Text(2, "tests").Message(7, graph).Message(8, new OnnxProto().Text(1, "").Number(2, 17)).ToArray();

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.WriteByte((byte)(value | 0x80));
        _bytes.WriteByte((byte)value);
    }
}
