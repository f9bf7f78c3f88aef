using Inference.Protocols.Protobuf;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference.Grpc;

/// <summary>The lengths within an <c>InferOutputTensor</c>. In the message, each length precedes its data.</summary>
/// <param name="Shape">The number of bytes of the packed dimensions.</param>
/// <param name="Contents">The number of bytes of the typed contents; null when the message has no typed contents.</param>
/// <param name="Message">The number of bytes of the whole message.</param>
internal readonly record struct OutputLengths(long Shape, long? Contents, long Message)
{
    /// <param name="isTyped">Whether the message has typed contents.</param>
    public static OutputLengths Measure(NamedTensor output, bool isTyped)
    {
        var shape = 0L;
        foreach (var dimension in output.Tensor.Shape.Dimensions)
            shape += WireWriter.VarintSize((ulong)dimension);
        long? contents = isTyped ? TypedContentsWriter.Size(output.Tensor) : null;
        var message = WireWriter.StringSize(output.Name) + WireWriter.StringSize(output.Tensor.Type.Name()) + WireWriter.BytesSize(shape)
            + (contents is { } length ? WireWriter.BytesSize(length) : 0);
        return new OutputLengths(shape, contents, message);
    }
}
