using System.Buffers;
using System.Numerics;
using Inference.Protocols.Protobuf;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference.Grpc;

/// <summary>Reads an <c>InferTensorContents</c>: the elements as repeated fields, packed or one by one.</summary>
internal static class TypedContentsReader
{
    public static Tensor Read(ReadOnlySequence<byte> contents, ElementType type, Shape shape, string path)
    {
        var field = TypedContents.Field(type);
        if (field == 0)
        {
            throw InferenceException.InvalidRequest(
                $"{path}: the protocol has no typed contents for {type.Name()}; send the data in raw_input_contents.");
        }

        if (!shape.TryCount(out var count) || count > contents.Length / TypedContents.MinSize(type))
        {
            throw InferenceException.InvalidRequest(
                $"{path}.shape {shape} declares more elements than its contents ({Counted.Text(contents.Length, "byte")}) can hold.");
        }

        return type switch
        {
            ElementType.Bool => ReadVarints<byte>(contents, field, type, shape, path),
            ElementType.Int8 => ReadVarints<sbyte>(contents, field, type, shape, path),
            ElementType.Int16 => ReadVarints<short>(contents, field, type, shape, path),
            ElementType.Int32 => ReadVarints<int>(contents, field, type, shape, path),
            ElementType.Int64 => ReadVarints<long>(contents, field, type, shape, path),
            ElementType.UInt8 => ReadVarints<byte>(contents, field, type, shape, path),
            ElementType.UInt16 => ReadVarints<ushort>(contents, field, type, shape, path),
            ElementType.UInt32 => ReadVarints<uint>(contents, field, type, shape, path),
            ElementType.UInt64 => ReadVarints<ulong>(contents, field, type, shape, path),
            ElementType.Float32 => ReadFixed(contents, field, type, shape, WireType.Fixed32, path),
            ElementType.Float64 => ReadFixed(contents, field, type, shape, WireType.Fixed64, path),
            ElementType.Bytes => ReadByteStrings(contents, shape, path),
            ElementType.Float16 or ElementType.BFloat16 => throw new InvalidOperationException(
                "FP16 and BF16 have no typed contents. This is a bug."),
        };
    }

    private static Tensor ReadVarints<T>(ReadOnlySequence<byte> contents, int field, ElementType type, Shape shape, string path)
        where T : unmanaged, IBinaryInteger<T>
    {
        var tensor = Tensor.Rent(type, shape);
        try
        {
            var values = tensor.Values<T>();
            var count = 0;
            var reader = new WireReader(contents);
            while (reader.TryReadTag(out var foundField, out var foundType))
            {
                ThrowIfOtherField(foundField, field, type, path);
                if (foundType == WireType.Varint)
                {
                    Add(reader.ReadVarint(), values, ref count, type, path);
                    continue;
                }

                reader.ThrowIfTypeDiffers(foundType, WireType.Bytes);
                var packed = new WireReader(reader.ReadBytes());
                while (!packed.IsAtEnd)
                    Add(packed.ReadVarint(), values, ref count, type, path);
            }

            ThrowIfCountDiffers(count, values.Length, shape, path);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    private static void Add<T>(ulong number, Span<T> values, ref int count, ElementType type, string path)
        where T : unmanaged, IBinaryInteger<T>
    {
        if (count == values.Length)
            throw CreateTooManyElementsError(values.Length, path);
        // Any number except 0 is true, as in every protobuf reader.
        var value = type == ElementType.Bool && number != 0 ? T.One : T.CreateTruncating(number);
        // Negative numbers are sent as signed 64-bit numbers. If widening the truncated value does not restore the sent number, the number
        // is out of the type's range.
        if (type != ElementType.Bool && ulong.CreateTruncating(value) != number)
            throw InferenceException.InvalidRequest($"{path}.contents: element {count} is out of the range of {type.Name()}.");
        values[count++] = value;
    }

    /// <summary>Reads numbers of fixed size. Their bytes are the same in the message and in the tensor.</summary>
    private static Tensor ReadFixed(
        ReadOnlySequence<byte> contents, int field, ElementType type, Shape shape, WireType fixedType, string path)
    {
        var tensor = Tensor.Rent(type, shape);
        try
        {
            var rest = tensor.Data.Span;
            var reader = new WireReader(contents);
            while (reader.TryReadTag(out var foundField, out var foundType))
            {
                ThrowIfOtherField(foundField, field, type, path);
                if (foundType != fixedType)
                    reader.ThrowIfTypeDiffers(foundType, WireType.Bytes);
                var bytes = foundType == fixedType ? reader.ReadFixed(type.Size()) : reader.ReadBytes();
                if (bytes.Length > rest.Length)
                    throw CreateTooManyElementsError(shape.ElementCount, path);
                bytes.CopyTo(rest);
                rest = rest[(int)bytes.Length..];
            }

            ThrowIfCountDiffers((tensor.Data.Length - rest.Length) / type.Size(), shape.ElementCount, shape, path);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    private static Tensor ReadByteStrings(ReadOnlySequence<byte> contents, Shape shape, string path)
    {
        using var builder = new TensorBuilder(ElementType.Bytes);
        var reader = new WireReader(contents);
        while (reader.TryReadTag(out var field, out var foundType))
        {
            ThrowIfOtherField(field, TypedContents.Bytes, ElementType.Bytes, path);
            reader.ThrowIfTypeDiffers(foundType, WireType.Bytes);
            var element = reader.ReadBytes();
            element.CopyTo(builder.ReserveBytes((int)element.Length));
            builder.CommitBytes((int)element.Length);
        }

        ThrowIfCountDiffers(builder.Count, shape.ElementCount, shape, path);
        return builder.Build(shape);
    }

    private static void ThrowIfOtherField(int foundField, int expected, ElementType type, string path)
    {
        if (foundField != expected)
        {
            throw InferenceException.InvalidRequest(
                $"{path}.contents has {TypedContents.Name(foundField)}; the elements of {type.Name()} belong in {TypedContents.Name(expected)}.");
        }
    }

    private static void ThrowIfCountDiffers(long count, long expected, Shape shape, string path)
    {
        if (count != expected)
        {
            throw InferenceException.InvalidRequest(
                $"{path}.contents has {Counted.Text(count, "element")}, but its shape {shape} declares {expected}.");
        }
    }

    private static InferenceException CreateTooManyElementsError(long expected, string path) =>
        InferenceException.InvalidRequest(
            $"{path}.contents has more than the {Counted.Text(expected, "element")} that its shape declares.");
}
