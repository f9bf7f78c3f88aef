using Inference.Tensors;

namespace Inference.Onnx.Binding;

/// <summary>The position of a tensor in the memory block of a <see cref="BoundLayout"/>.</summary>
/// <param name="Offset">The offset of the tensor's first element in the block, in bytes.</param>
/// <param name="Length">The length in bytes.</param>
internal readonly record struct BoundTensor(string Name, ElementType Type, Shape Shape, int Offset, int Length)
{
    /// <summary>Returns the bytes of the tensor in the block.</summary>
    public Span<byte> GetBytes(byte[] block) => block.AsSpan(Offset, Length);
}
