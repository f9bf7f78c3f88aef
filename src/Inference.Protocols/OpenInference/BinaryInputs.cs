using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>
/// Assigns the binary data after the JSON to the inputs, in the order of the inputs. A tensor is a view of the data if its bytes start at a
/// multiple of the element's size. Otherwise the tensor is a copy.
/// </summary>
internal sealed class BinaryInputs(Memory<byte> data)
{
    private int _consumed;

    /// <summary>Returns the next <paramref name="size"/> bytes as a tensor.</summary>
    /// <param name="path">The path of the input, for messages.</param>
    public Tensor ReadTensor(ElementType type, Shape shape, long size, string path)
    {
        if (size > data.Length - _consumed)
        {
            throw InferenceException.InvalidRequest(
                $"{path}.parameters.binary_data_size is {size}, but {data.Length - _consumed} of the "
                + $"{Counted.Text(data.Length, "byte")} after the JSON {(data.Length - _consumed == 1 ? "is" : "are")} left for this input. The "
                + "header Inference-Header-Content-Length must be the number of bytes of the JSON.");
        }

        var bytes = data.Slice(_consumed, (int)size);
        TensorData.ThrowIfInvalid(type, shape, bytes.Span, path);
        var isAligned = type.Size() == 0 || _consumed % type.Size() == 0;
        _consumed += bytes.Length;
        if (isAligned)
            return Tensor.View(type, shape, bytes);
        var copy = Tensor.Rent(type, shape);
        bytes.CopyTo(copy.Data);
        return copy;
    }

    /// <summary>
    /// Returns the whole body as the only element of a BYTES input. The body does not have the length prefix that elements otherwise have.
    /// </summary>
    public Tensor ReadElement(Shape shape)
    {
        using var builder = new TensorBuilder(ElementType.Bytes, data.Length + PackedBytes.PrefixSize);
        builder.AppendBytes(data.Span);
        _consumed = data.Length;
        return builder.Build(shape);
    }

    /// <summary>Throws when bytes are left that belong to no input. Call this method after the last input.</summary>
    public void ThrowIfBytesLeft()
    {
        if (_consumed < data.Length)
        {
            throw InferenceException.InvalidRequest(
                $"{data.Length - _consumed} of the {Counted.Text(data.Length, "byte")} after the JSON "
                + $"{(data.Length - _consumed == 1 ? "belongs" : "belong")} to no input: the inputs' binary_data_size adds up to {_consumed}.");
        }
    }
}
