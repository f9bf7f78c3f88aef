using Inference.Tensors;

namespace Inference.Onnx.Binding;

/// <summary>A tensor of a <see cref="BoundLayout"/>.</summary>
/// <param name="Offset">In bytes, of its first element in the block.</param>
/// <param name="Length">In bytes.</param>
internal readonly record struct BoundTensor(string Name, ElementType Type, Shape Shape, int Offset, int Length)
{
    public Span<byte> In(byte[] block) => block.AsSpan(Offset, Length);
}
