using System.Text.Json;
using System.Text.Unicode;
using Inference.Tensors;

namespace Inference.Protocols.Json;

/// <summary>Writes a tensor's elements. <see cref="INumberText{T}"/> defines the text of each type's numbers.</summary>
internal static class JsonTensorWriter
{
    /// <summary>
    /// The size in bytes of the pieces in which numbers are passed to the JSON writer. With pieces of this size, the writer's own work per
    /// piece is negligible.
    /// </summary>
    private const int PieceSize = 2048;

    /// <summary>Writes all elements as one array.</summary>
    public static void WriteFlat(Utf8JsonWriter writer, NamedTensor output)
    {
        writer.WriteStartArray();
        var elements = new PackedBytes(output.Tensor.Data.Span);
        WriteElements(writer, output, JsonDialect.Plain, 0, output.Tensor.Shape.ElementCount, ref elements);
        writer.WriteEndArray();
    }

    /// <summary>Writes the elements as a nested array with one level per dimension. A scalar is written as a bare value.</summary>
    public static void WriteNested(Utf8JsonWriter writer, NamedTensor output, JsonDialect dialect = JsonDialect.Plain)
    {
        var elements = new PackedBytes(output.Tensor.Data.Span);
        WriteNested(writer, output, output.Tensor.Shape, dialect, 0, 0, ref elements);
    }

    /// <summary>Writes one tensor of a list. The tensors of the list share the memory of <paramref name="output"/>.</summary>
    /// <param name="shape">The shape of the tensor to write.</param>
    /// <param name="start">The index of the tensor's first element in <paramref name="output"/>.</param>
    /// <param name="elements">The byte strings of <paramref name="output"/>, positioned at the tensor's first element.</param>
    public static void WriteNested(
        Utf8JsonWriter writer, NamedTensor output, Shape shape, JsonDialect dialect, long start, ref PackedBytes elements) =>
        WriteNested(writer, output, shape, dialect, 0, start, ref elements);

    /// <summary>Writes one element as a bare value. A byte string is read at the position of <paramref name="elements"/>.</summary>
    public static void WriteElement(Utf8JsonWriter writer, NamedTensor output, JsonDialect dialect, long index, ref PackedBytes elements) =>
        WriteElements(writer, output, dialect, index, 1, ref elements);

    /// <summary>Writes the only row of a tensor as a nested array, without a level for the first dimension.</summary>
    public static void WriteItem(Utf8JsonWriter writer, NamedTensor output, JsonDialect dialect)
    {
        var elements = new PackedBytes(output.Tensor.Data.Span);
        WriteNested(writer, output, output.Tensor.Shape, dialect, 1, 0, ref elements);
    }

    private static void WriteNested(
        Utf8JsonWriter writer, NamedTensor output, Shape shape, JsonDialect dialect, int axis, long start, ref PackedBytes elements)
    {
        if (axis == shape.Rank)
        {
            WriteElements(writer, output, dialect, start, 1, ref elements);
            return;
        }

        writer.WriteStartArray();
        if (axis == shape.Rank - 1)
        {
            WriteElements(writer, output, dialect, start, shape[axis], ref elements);
        }
        else
        {
            Shape.TryCount(shape.Dimensions[(axis + 1)..], out var stride);
            for (var i = 0L; i < shape[axis]; i++)
                WriteNested(writer, output, shape, dialect, axis + 1, start + (i * stride), ref elements);
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes consecutive elements. Byte strings are read at the position of <paramref name="elements"/>.</summary>
    private static void WriteElements(
        Utf8JsonWriter writer, NamedTensor output, JsonDialect dialect, long start, long count, ref PackedBytes elements)
    {
        var (tensor, from, length) = (output.Tensor, (int)start, (int)count);
        switch (tensor.Type)
        {
            case ElementType.Bool: Write<bool, BooleanText>(writer, tensor.Values<bool>().Slice(from, length)); break;
            case ElementType.UInt8: Write<byte, IntegerText<byte>>(writer, tensor.Values<byte>().Slice(from, length)); break;
            case ElementType.UInt16: Write<ushort, IntegerText<ushort>>(writer, tensor.Values<ushort>().Slice(from, length)); break;
            case ElementType.UInt32: Write<uint, IntegerText<uint>>(writer, tensor.Values<uint>().Slice(from, length)); break;
            case ElementType.UInt64: Write<ulong, IntegerText<ulong>>(writer, tensor.Values<ulong>().Slice(from, length)); break;
            case ElementType.Int8: Write<sbyte, IntegerText<sbyte>>(writer, tensor.Values<sbyte>().Slice(from, length)); break;
            case ElementType.Int16: Write<short, IntegerText<short>>(writer, tensor.Values<short>().Slice(from, length)); break;
            case ElementType.Int32: Write<int, IntegerText<int>>(writer, tensor.Values<int>().Slice(from, length)); break;
            case ElementType.Int64: Write<long, IntegerText<long>>(writer, tensor.Values<long>().Slice(from, length)); break;
            case ElementType.Float16: WriteFloats<Half, HalfText>(writer, tensor.Values<Half>().Slice(from, length), dialect); break;
            case ElementType.BFloat16:
                WriteFloats<ushort, BFloat16Text>(writer, tensor.Values<ushort>().Slice(from, length), dialect);
                break;
            case ElementType.Float32:
                WriteFloats<float, SingleNumberText>(writer, tensor.Values<float>().Slice(from, length), dialect);
                break;
            case ElementType.Float64: WriteFloats<double, DoubleText>(writer, tensor.Values<double>().Slice(from, length), dialect); break;
            case ElementType.Bytes: WriteText(writer, output.Name, dialect, length, ref elements); break;
        }
    }

    /// <summary>
    /// Writes numbers in pieces. The JSON writer puts a comma before each piece, except before the first piece of an array.
    /// </summary>
    private static void Write<T, TText>(Utf8JsonWriter writer, ReadOnlySpan<T> values)
        where T : unmanaged
        where TText : INumberText<T>
    {
        Span<byte> piece = stackalloc byte[PieceSize];
        var length = 0;
        foreach (var value in values)
        {
            length += TText.Write(piece[length..], value);
            if (length + TText.MaxLength < PieceSize)
            {
                piece[length++] = (byte)',';
                continue;
            }

            writer.WriteRawValue(piece[..length], skipInputValidation: true);
            length = 0;
        }

        if (length > 0)
            writer.WriteRawValue(piece[..(length - 1)], skipInputValidation: true);
    }

    private static void WriteFloats<T, TText>(Utf8JsonWriter writer, ReadOnlySpan<T> values, JsonDialect dialect)
        where T : unmanaged
        where TText : INumberText<T>
    {
        if (dialect == JsonDialect.TensorFlow)
            Write<T, DecimalText<T, TText>>(writer, values);
        else
            Write<T, TText>(writer, values);
    }

    private static void WriteText(Utf8JsonWriter writer, string name, JsonDialect dialect, int count, ref PackedBytes elements)
    {
        // In TensorFlow Serving, the suffix declares that an output contains bytes, even when the content is valid text.
        var isBytes = dialect == JsonDialect.TensorFlow && name.EndsWith("_bytes", StringComparison.Ordinal);
        for (; count > 0 && elements.MoveNext(); count--)
        {
            if (!isBytes && Utf8.IsValid(elements.Current))
            {
                writer.WriteStringValue(elements.Current);
            }
            else if (dialect == JsonDialect.TensorFlow)
            {
                WriteBase64(writer, elements.Current);
            }
            else
            {
                throw new InferenceException(
                    InferenceError.RuntimeFailure,
                    $"Output \"{name}\" contains bytes that are not UTF-8 text. JSON cannot represent these bytes. Request the output as "
                    + "binary data with POST /v2/models/<model>/infer.");
            }
        }
    }

    private static void WriteBase64(Utf8JsonWriter writer, ReadOnlySpan<byte> bytes)
    {
        writer.WriteStartObject();
        writer.WriteBase64String(JsonTensorReader.Base64Name, bytes);
        writer.WriteEndObject();
    }

    /// <summary>Writes floats as elements of the current array, or writes one float as the value of a member.</summary>
    public static void WriteNumbers(Utf8JsonWriter writer, ReadOnlySpan<float> values) => Write<float, SingleNumberText>(writer, values);
}
