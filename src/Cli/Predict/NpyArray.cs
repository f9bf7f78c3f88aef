using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Inference;
using Inference.Models.Settings;

namespace Cli.Predict;

/// <summary>
/// An array that grows along its first dimension, and is written in NumPy's
/// <see href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">format</see> 1.0.
/// </summary>
/// <param name="datatype">A datatype of the Open Inference Protocol. BF16, which NumPy lacks, is written as 4-byte floats.</param>
internal sealed class NpyArray(string name, string datatype)
{
    /// <summary>The data begins at a multiple of this number of bytes, so that programs can map the data into memory.</summary>
    private const int Alignment = 64;

    private readonly ArrayBufferWriter<byte> _data = new();
    private readonly (string Descriptor, Action<ArrayBufferWriter<byte>, JsonElement> Append) _type = GetNumpyType(name, datatype);
    private int[]? _shape;
    private int _count;

    /// <exception cref="CliException">The item differs in shape from the earlier items, or a value has the wrong type.</exception>
    public void Add(JsonElement item)
    {
        var shape = GetShape(item);
        _shape ??= shape;
        if (!shape.AsSpan().SequenceEqual(_shape))
        {
            throw new CliException(
                $"Item {_count} of output {ProblemText.Quote(name)} has shape {Format(shape)}, but the items before have {Format(_shape)}. "
                + "A NumPy file holds items of one shape. Save the output in a .json file instead.");
        }

        Append(item);
        _count++;
    }

    /// <summary>Writes the array to a stream, which stays open.</summary>
    public void Write(Stream output)
    {
        ReadOnlySpan<byte> magic = [0x93, .. "NUMPY"u8, 1, 0];
        var header = $"{{'descr': '{_type.Descriptor}', 'fortran_order': False, 'shape': {Format([_count, .. _shape ?? []])}, }}";
        var headerStart = magic.Length + sizeof(ushort);
        // Spaces fill the header up to the start of the data. The last character of the header is a line break.
        var paddedHeader = header.PadRight(((headerStart + header.Length + Alignment) / Alignment * Alignment) - headerStart - 1) + '\n';
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(length, checked((ushort)paddedHeader.Length));
        output.Write(magic);
        output.Write(length);
        output.Write(Encoding.ASCII.GetBytes(paddedHeader));
        output.Write(_data.WrittenSpan);
    }

    private void Append(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var element in value.EnumerateArray())
                Append(element);
            return;
        }

        try
        {
            _type.Append(_data, value);
        }
        catch (Exception e) when (e is FormatException or OverflowException or InvalidOperationException)
        {
            throw new CliException(
                $"Item {_count} of output {ProblemText.Quote(name)} has {Quote.Shorten(value.GetRawText())}, which is not a value of "
                + $"{datatype}, the type in the model's metadata. Save the output in a .json file instead.",
                cause: e);
        }
    }

    /// <summary>
    /// Returns the shape of a nested array. Only the first element at each level is read, because a server sends arrays of equal lengths.
    /// </summary>
    private static int[] GetShape(JsonElement value)
    {
        var shape = new List<int>();
        for (; value.ValueKind == JsonValueKind.Array; value = value[0])
        {
            shape.Add(value.GetArrayLength());
            if (shape[^1] == 0)
                break;
        }

        return [.. shape];
    }

    private static string Format(int[] shape) => $"({string.Join(", ", shape)}{(shape.Length == 1 ? "," : "")})";

    private static (string, Action<ArrayBufferWriter<byte>, JsonElement>) GetNumpyType(string name, string datatype) => datatype switch
    {
        "FP16" => ("<f2", AppendNumber<Half>),
        "FP32" or "BF16" => ("<f4", AppendNumber<float>),
        "FP64" => ("<f8", AppendNumber<double>),
        "INT8" => ("|i1", AppendNumber<sbyte>),
        "INT16" => ("<i2", AppendNumber<short>),
        "INT32" => ("<i4", AppendNumber<int>),
        "INT64" => ("<i8", AppendNumber<long>),
        "UINT8" => ("|u1", AppendNumber<byte>),
        "UINT16" => ("<u2", AppendNumber<ushort>),
        "UINT32" => ("<u4", AppendNumber<uint>),
        "UINT64" => ("<u8", AppendNumber<ulong>),
        "BOOL" => ("|b1", (data, value) => data.Write([value.GetBoolean() ? (byte)1 : (byte)0])),
        _ => throw CliException.CreateUsageError(
            $"Output {name} has the type {datatype}, which NumPy files do not support. Save the output in a .json file instead."),
    };

    /// <summary>Appends a JSON number, or a JSON string such as "NaN" for a value that has no JSON number.</summary>
    private static void AppendNumber<T>(ArrayBufferWriter<byte> data, JsonElement value)
        where T : unmanaged, ISpanParsable<T>
    {
        var size = Unsafe.SizeOf<T>();
        MemoryMarshal.Write(data.GetSpan(size), T.Parse(value.ToString(), CultureInfo.InvariantCulture));
        data.Advance(size);
    }
}
