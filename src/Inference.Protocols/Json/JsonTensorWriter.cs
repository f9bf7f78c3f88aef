using System.Text.Json;
using System.Text.Unicode;
using Inference.Tensors;

namespace Inference.Protocols.Json;

/// <summary>
/// Writes a tensor's elements. JSON has no number for NaN and the infinities: they are written as the strings
/// <c>"NaN"</c>, <c>"Infinity"</c> and <c>"-Infinity"</c>, as Protobuf's JSON mapping does, never as another number or null.
/// </summary>
internal static class JsonTensorWriter
{
    /// <summary>All elements as one array.</summary>
    public static void WriteFlat(Utf8JsonWriter writer, NamedTensor output)
    {
        writer.WriteStartArray();
        var elements = new PackedBytes(output.Tensor.Data.Span);
        WriteRun(writer, output, 0, output.Tensor.Shape.ElementCount, ref elements);
        writer.WriteEndArray();
    }

    /// <summary>The elements as arrays nested like the shape; a scalar as a bare value.</summary>
    public static void WriteNested(Utf8JsonWriter writer, NamedTensor output)
    {
        var elements = new PackedBytes(output.Tensor.Data.Span);
        WriteNested(writer, output, 0, 0, ref elements);
    }

    /// <summary>The only row of a tensor with one row, nested like an item.</summary>
    public static void WriteItem(Utf8JsonWriter writer, NamedTensor output)
    {
        var elements = new PackedBytes(output.Tensor.Data.Span);
        WriteNested(writer, output, 1, 0, ref elements);
    }

    private static void WriteNested(Utf8JsonWriter writer, NamedTensor output, int axis, long start, ref PackedBytes elements)
    {
        var shape = output.Tensor.Shape;
        if (axis == shape.Rank)
        {
            WriteRun(writer, output, start, 1, ref elements);
            return;
        }

        writer.WriteStartArray();
        if (axis == shape.Rank - 1)
        {
            WriteRun(writer, output, start, shape[axis], ref elements);
        }
        else
        {
            var stride = new Shape(shape.Dimensions[(axis + 1)..]).ElementCount;
            for (var i = 0L; i < shape[axis]; i++)
                WriteNested(writer, output, axis + 1, start + (i * stride), ref elements);
        }

        writer.WriteEndArray();
    }

    /// <summary>Elements that follow each other in memory; byte strings are taken from where <paramref name="elements"/> stands.</summary>
    private static void WriteRun(Utf8JsonWriter writer, NamedTensor output, long start, long count, ref PackedBytes elements)
    {
        var (tensor, from, length) = (output.Tensor, (int)start, (int)count);
        switch (tensor.Type)
        {
            case ElementType.Bool: Write(writer, tensor.Values<bool>().Slice(from, length), static (w, v) => w.WriteBooleanValue(v)); break;
            case ElementType.UInt8: Write(writer, tensor.Values<byte>().Slice(from, length), static (w, v) => w.WriteNumberValue(v)); break;
            case ElementType.UInt16: Write(writer, tensor.Values<ushort>().Slice(from, length), static (w, v) => w.WriteNumberValue(v)); break;
            case ElementType.UInt32: Write(writer, tensor.Values<uint>().Slice(from, length), static (w, v) => w.WriteNumberValue(v)); break;
            case ElementType.UInt64: Write(writer, tensor.Values<ulong>().Slice(from, length), static (w, v) => w.WriteNumberValue(v)); break;
            case ElementType.Int8: Write(writer, tensor.Values<sbyte>().Slice(from, length), static (w, v) => w.WriteNumberValue(v)); break;
            case ElementType.Int16: Write(writer, tensor.Values<short>().Slice(from, length), static (w, v) => w.WriteNumberValue(v)); break;
            case ElementType.Int32: Write(writer, tensor.Values<int>().Slice(from, length), static (w, v) => w.WriteNumberValue(v)); break;
            case ElementType.Int64: Write(writer, tensor.Values<long>().Slice(from, length), static (w, v) => w.WriteNumberValue(v)); break;
            case ElementType.Float16: Write(writer, tensor.Values<Half>().Slice(from, length), static (w, v) => WriteNumber(w, (float)v)); break;
            case ElementType.BFloat16: Write(writer, tensor.Values<ushort>().Slice(from, length), static (w, v) => WriteNumber(w, BFloat16.Widen(v))); break;
            case ElementType.Float32: Write(writer, tensor.Values<float>().Slice(from, length), WriteNumber); break;
            case ElementType.Float64: Write(writer, tensor.Values<double>().Slice(from, length), WriteNumber); break;
            case ElementType.Bytes: WriteText(writer, output.Name, length, ref elements); break;
        }
    }

    private static void Write<T>(Utf8JsonWriter writer, ReadOnlySpan<T> values, Action<Utf8JsonWriter, T> write)
    {
        foreach (var value in values)
            write(writer, value);
    }

    private static void WriteText(Utf8JsonWriter writer, string name, int count, ref PackedBytes elements)
    {
        for (; count > 0 && elements.MoveNext(); count--)
        {
            if (!Utf8.IsValid(elements.Current))
                throw new InferenceException(InferenceError.RuntimeFailure, $"Output \"{name}\" holds bytes that are not UTF-8 text, which JSON cannot carry.");
            writer.WriteStringValue(elements.Current);
        }
    }

    public static void WriteNumber(Utf8JsonWriter writer, float value)
    {
        if (float.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteStringValue(Name(value));
    }

    private static void WriteNumber(Utf8JsonWriter writer, double value)
    {
        if (double.IsFinite(value))
            writer.WriteNumberValue(value);
        else
            writer.WriteStringValue(Name(value));
    }

    private static ReadOnlySpan<byte> Name(double value) =>
        double.IsNaN(value) ? "NaN"u8 : value > 0 ? "Infinity"u8 : "-Infinity"u8;
}
