using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Inference.Onnx.Graph;

/// <summary>
/// Reads the shapes of constants (<c>TensorProto</c>), and the elements of short constants. Short constants often contain shapes or axes.
/// The numbers in the code are the field numbers of https://github.com/onnx/onnx/blob/main/onnx/onnx.proto.
/// </summary>
internal sealed class OnnxTensorReader(ProtoReader file)
{
    /// <summary>The maximum number of elements of a constant or a list that are kept.</summary>
    public const int MaxElements = 1024;

    /// <summary>Values of <c>TensorProto.DataType</c>.</summary>
    private const int Float = 1, Int32 = 6, Int64 = 7, Bool = 9;

    /// <summary>The element types of the tensors that were read so far.</summary>
    public HashSet<int> Types { get; } = [];

    /// <summary>Reads a constant. The elements of a long constant are skipped.</summary>
    public OnnxTensor Read()
    {
        var fields = ReadFields();
        var (type, integers, floats) = (fields.Type, fields.Integers, fields.Floats);
        var shape = fields.Dimensions.DrainToImmutable();
        Types.Add(type);
        if (fields.Raw is { } raw)
            AddRaw(type, raw, integers, floats);
        var count = CountElements(shape);
        return new OnnxTensor(
            fields.Name,
            shape,
            !fields.IsExternal && IsInteger(type) && count == integers.Count ? integers.DrainToImmutable() : null,
            !fields.IsExternal && type == Float && count == floats.Count ? floats.DrainToImmutable() : null);
    }

    private Fields ReadFields()
    {
        var fields = new Fields();
        var outerEnd = file.EnterMessage();
        while (file.TryReadTag(out var field, out var wire))
        {
            switch (field)
            {
                case 1:
                    ReadList(file, wire, WireType.Varint, static file => file.ReadInt64(), fields.Dimensions);
                    break;
                case 2:
                    fields.Type = file.ReadInt32();
                    break;
                case 4:
                    ReadList(file, wire, WireType.Fixed32, static file => file.ReadFloat(), fields.Floats);
                    break;
                case 5 or 7:
                    ReadList(file, wire, WireType.Varint, static file => file.ReadInt64(), fields.Integers);
                    break;
                case 8:
                    fields.Name = file.ReadString();
                    break;
                case 9:
                    fields.Raw = ReadRaw();
                    break;
                case 13:
                    fields.IsExternal = true;
                    file.Skip(wire);
                    break;
                default:
                    file.Skip(wire);
                    break;
            }
        }

        file.LeaveMessage(outerEnd);
        return fields;
    }

    /// <summary>Reads a sparse constant. Only its name and shape are kept.</summary>
    public OnnxTensor ReadSparse()
    {
        var values = new OnnxTensor("", [], Integers: null, Floats: null);
        var dimensions = ImmutableArray.CreateBuilder<long>();
        var outerEnd = file.EnterMessage();
        while (file.TryReadTag(out var field, out var wire))
        {
            if (field == 1)
                values = Read();
            else if (field == 3)
                ReadList(file, wire, WireType.Varint, static file => file.ReadInt64(), dimensions);
            else
                file.Skip(wire);
        }

        file.LeaveMessage(outerEnd);
        return values with { Dimensions = dimensions.DrainToImmutable(), Integers = null, Floats = null };
    }

    /// <summary>
    /// Reads a list of numbers, which is packed in one field or has one field per element. Elements beyond <see cref="MaxElements"/> are
    /// dropped.
    /// </summary>
    /// <param name="wireType">The wire type of the field.</param>
    /// <param name="elementWireType">The wire type of a field that contains one element.</param>
    public static void ReadList<T>(
        ProtoReader file, WireType wireType, WireType elementWireType, Func<ProtoReader, T> read, ImmutableArray<T>.Builder list)
    {
        if (wireType == elementWireType)
        {
            Add(read(file));
            return;
        }

        var outerEnd = file.EnterMessage();
        while (file.HasMore && list.Count < MaxElements)
            Add(read(file));
        file.LeaveMessage(outerEnd);

        void Add(T value)
        {
            if (list.Count < MaxElements)
                list.Add(value);
        }
    }

    /// <summary>Reads the bytes of a constant; returns null for a long constant.</summary>
    private byte[]? ReadRaw()
    {
        var length = file.ReadLength();
        if (length > MaxElements * sizeof(long))
        {
            file.SkipBytes(length);
            return null;
        }

        var raw = new byte[length];
        file.ReadExactly(raw);
        return raw;
    }

    /// <summary>Returns the number of elements; null when the number exceeds <see cref="MaxElements"/>.</summary>
    private static int? CountElements(ImmutableArray<long> dimensions)
    {
        var count = 1L;
        foreach (var dimension in dimensions)
        {
            count *= dimension is >= 0 and <= MaxElements ? dimension : MaxElements + 1;
            if (count > MaxElements)
                return null;
        }

        return (int)count;
    }

    /// <summary>
    /// Whether the elements are kept as integers. Integers of 8 or 16 bits are not kept. They are never shapes or axes, and operators that
    /// add them can overflow.
    /// </summary>
    private static bool IsInteger(int type) => type is Int32 or Int64 or Bool;

    private static void AddRaw(int type, byte[] raw, ImmutableArray<long>.Builder integers, ImmutableArray<float>.Builder floats)
    {
        switch (type)
        {
            case Float:
                floats.AddRange(MemoryMarshal.Cast<byte, float>(raw));
                break;
            case Int64:
                integers.AddRange(MemoryMarshal.Cast<byte, long>(raw));
                break;
            case Int32:
                foreach (var integer in MemoryMarshal.Cast<byte, int>(raw))
                    integers.Add(integer);
                break;
            case Bool:
                foreach (var value in raw)
                    integers.Add(value);
                break;
        }
    }

    /// <summary>The fields of a <c>TensorProto</c> that define its shape and its elements.</summary>
    private sealed class Fields
    {
        public string Name { get; set; } = "";

        public int Type { get; set; }

        /// <summary>Whether the elements are in another file.</summary>
        public bool IsExternal { get; set; }

        public byte[]? Raw { get; set; }

        public ImmutableArray<long>.Builder Dimensions { get; } = ImmutableArray.CreateBuilder<long>();

        public ImmutableArray<long>.Builder Integers { get; } = ImmutableArray.CreateBuilder<long>();

        public ImmutableArray<float>.Builder Floats { get; } = ImmutableArray.CreateBuilder<float>();
    }
}
