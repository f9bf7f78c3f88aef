using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace Inference.Onnx.Graph;

/// <summary>
/// Reads constants (<c>TensorProto</c>): their shapes, and the elements of short constants, which are often shapes or axes.
/// </summary>
internal sealed class OnnxTensorReader(ProtoReader file)
{
    /// <summary>The maximum number of elements of a constant or a list that are kept.</summary>
    public const int MaxElements = 1024;

    private const int Float = 1, UInt8 = 2, Int8 = 3, UInt16 = 4, Int16 = 5, Int32 = 6, Int64 = 7, Bool = 9, UInt32 = 12, UInt64 = 13;

    /// <summary>The number of bits of an element by its type; zero for types that are not counted.</summary>
    private static readonly int[] Bits = [0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 64, 128, 16, 8, 8, 8, 8, 4, 4];

    /// <summary>The files with external data of the tensors that were read so far.</summary>
    public SortedSet<string> ExternalFiles { get; } = new(StringComparer.Ordinal);

    /// <summary>The size in bytes of all tensors that were read so far, by element type.</summary>
    public Dictionary<int, long> ByteCounts { get; } = [];

    /// <summary>Reads a constant. The elements of a long constant are skipped.</summary>
    public OnnxTensor Read()
    {
        var fields = ReadFields();
        var (type, integers, floats) = (fields.Type, fields.Integers, fields.Floats);
        var shape = fields.Dimensions.DrainToImmutable();
        AddByteCount(type, shape);
        if (fields.Raw is { } raw)
            AddRaw(type, raw, integers, floats);
        var count = ElementCount(shape);
        return new OnnxTensor(
            fields.Name,
            type,
            shape,
            !fields.IsExternal && IsInteger(type) && count == integers.Count ? integers.DrainToImmutable() : null,
            !fields.IsExternal && type == Float && count == floats.Count ? floats.DrainToImmutable() : null);
    }

    private Fields ReadFields()
    {
        var fields = new Fields();
        var outer = file.EnterMessage();
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
                case 5 or 7 or 11:
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
                    ReadExternal();
                    break;
                default:
                    file.Skip(wire);
                    break;
            }
        }

        file.LeaveMessage(outer);
        return fields;
    }

    /// <summary>Reads a sparse constant. Only its name and shape are kept.</summary>
    public OnnxTensor ReadSparse()
    {
        var values = new OnnxTensor("", 0, [], Integers: null, Floats: null);
        var dimensions = ImmutableArray.CreateBuilder<long>();
        var outer = file.EnterMessage();
        while (file.TryReadTag(out var field, out var wire))
        {
            if (field == 1)
                values = Read();
            else if (field == 3)
                ReadList(file, wire, WireType.Varint, static file => file.ReadInt64(), dimensions);
            else
                file.Skip(wire);
        }

        file.LeaveMessage(outer);
        return values with { Dimensions = dimensions.DrainToImmutable(), Integers = null, Floats = null };
    }

    /// <summary>
    /// Reads a list of numbers, which is packed in one field or has one field per element. Elements beyond <see cref="MaxElements"/> are
    /// dropped.
    /// </summary>
    public static void ReadList<T>(
        ProtoReader file, WireType found, WireType single, Func<ProtoReader, T> read, ImmutableArray<T>.Builder list)
    {
        if (found == single)
        {
            Add(read(file));
            return;
        }

        var outer = file.EnterMessage();
        while (file.HasMore && list.Count < MaxElements)
            Add(read(file));
        file.LeaveMessage(outer);

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

    private void ReadExternal()
    {
        var (key, value) = ("", "");
        var outer = file.EnterMessage();
        while (file.TryReadTag(out var field, out var wire))
        {
            if (field == 1)
                key = file.ReadString();
            else if (field == 2)
                value = file.ReadString();
            else
                file.Skip(wire);
        }

        file.LeaveMessage(outer);
        if (key == "location")
            ExternalFiles.Add(value);
    }

    private void AddByteCount(int type, ImmutableArray<long> dimensions)
    {
        var bits = type >= 0 && type < Bits.Length ? Bits[type] : 0;
        // The product may be huge in a broken file, which ONNX Runtime will refuse. So it is computed as a floating-point number.
        var elements = dimensions.Aggregate(1.0, static (product, dimension) => product * dimension);
        ByteCounts[type] = (long)Math.Min(ByteCounts.GetValueOrDefault(type) + (elements * bits / 8), long.MaxValue / 2);
    }

    /// <summary>Returns the number of elements; null when it exceeds the limit.</summary>
    private static int? ElementCount(ImmutableArray<long> dimensions)
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

    private static bool IsInteger(int type) => type is UInt8 or Int8 or UInt16 or Int16 or Int32 or Int64 or Bool or UInt32 or UInt64;

    private static void AddRaw(int type, byte[] raw, ImmutableArray<long>.Builder integers, ImmutableArray<float>.Builder floats)
    {
        if (type == Float)
            floats.AddRange(MemoryMarshal.Cast<byte, float>(raw));
        else if (IsInteger(type))
            AddIntegers(type, raw, integers);
    }

    private static void AddIntegers(int type, ReadOnlySpan<byte> raw, ImmutableArray<long>.Builder integers)
    {
        for (var size = Bits[type] / 8; raw.Length >= size; raw = raw[size..])
        {
            integers.Add(type switch
            {
                Int64 or UInt64 => BinaryPrimitives.ReadInt64LittleEndian(raw),
                Int32 => BinaryPrimitives.ReadInt32LittleEndian(raw),
                UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(raw),
                Int16 => BinaryPrimitives.ReadInt16LittleEndian(raw),
                UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(raw),
                Int8 => (sbyte)raw[0],
                _ => raw[0],
            });
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
