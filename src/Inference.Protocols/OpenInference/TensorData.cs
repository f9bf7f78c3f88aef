using System.Buffers;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>Checks and copies tensor data in the protocol's binary form, which is also the memory layout of a tensor.</summary>
internal static class TensorData
{
    private static readonly SearchValues<byte> Booleans = SearchValues.Create(0, 1);

    /// <summary>Copies the data to a new tensor.</summary>
    /// <param name="path">The path of the input, for messages.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the data does not fit the type and shape.
    /// </exception>
    public static Tensor Copy(ElementType type, Shape shape, in ReadOnlySequence<byte> data, string path)
    {
        ThrowIfSizeDiffers(type, shape, data.Length, path);
        var tensor = Tensor.CreateCopy(type, shape, data);
        try
        {
            ThrowIfElementsInvalid(type, shape, tensor.Data.Span, path);
            return tensor;
        }
        catch
        {
            tensor.Dispose();
            throw;
        }
    }

    /// <summary>Throws when the data does not fit the type and shape.</summary>
    /// <inheritdoc cref="Copy"/>
    public static void ThrowIfInvalid(ElementType type, Shape shape, ReadOnlySpan<byte> data, string path)
    {
        ThrowIfSizeDiffers(type, shape, data.Length, path);
        ThrowIfElementsInvalid(type, shape, data, path);
    }

    private static void ThrowIfSizeDiffers(ElementType type, Shape shape, long size, string path)
    {
        if (!shape.TryCount(out var count))
        {
            throw InferenceException.InvalidRequest(
                $"{path}.shape {shape} declares more elements than a tensor can hold.", ErrorReason.InvalidShape);
        }

        if (type != ElementType.Bytes && (count > Array.MaxLength || count * type.Size() != size))
        {
            var expectedSize = (Int128)count * type.Size();
            throw InferenceException.InvalidRequest(
                $"{path}: its binary data are {Counted.Text(size, "byte")}, but shape {shape} of {type.Name()} takes {expectedSize} "
                + $"{(expectedSize == 1 ? "byte" : "bytes")}.",
                ErrorReason.InvalidShape);
        }
    }

    private static void ThrowIfElementsInvalid(ElementType type, Shape shape, ReadOnlySpan<byte> data, string path)
    {
        if (type == ElementType.Bytes)
        {
            if (!PackedBytes.TryCount(data, out var elements))
            {
                throw InferenceException.InvalidRequest(
                    $"{path}: its data ({Counted.Text(data.Length, "byte")}) are not BYTES elements, each of which is a 32-bit "
                    + "little-endian length and as many bytes.");
            }

            if (elements != shape.ElementCount)
            {
                throw InferenceException.InvalidRequest(
                    $"{path}: its data ({Counted.Text(data.Length, "byte")}) hold {Counted.Text(elements, "element")}, but its shape "
                    + $"{shape} declares {shape.ElementCount}.",
                    ErrorReason.InvalidShape);
            }
        }
        else if (type == ElementType.Bool && data.IndexOfAnyExcept(Booleans) is var wrong and >= 0)
        {
            throw InferenceException.InvalidRequest($"{path}: byte {wrong} is {data[wrong]}; a BOOL is one byte, 0 or 1.");
        }
    }
}
