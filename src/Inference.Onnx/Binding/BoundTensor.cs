using Inference.Tensors;

namespace Inference.Onnx.Binding;

/// <summary>A tensor of a <see cref="BoundLayout"/>.</summary>
/// <param name="Offset">The offset of its first element in the block, in bytes.</param>
/// <param name="Length">The length in bytes.</param>
internal readonly record struct BoundTensor(string Name, ElementType Type, Shape Shape, int Offset, int Length)
{
    public Span<byte> In(byte[] block) => block.AsSpan(Offset, Length);
}
