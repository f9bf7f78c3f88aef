using Inference.Models;
using Inference.Tensors;

namespace Inference.Onnx.Binding;

/// <summary>
/// The positions of all inputs and outputs of a run in one block of memory. The layout is for a model's smallest run, in which every
/// dynamic dimension has size 1.
/// </summary>
/// <param name="Inputs">The positions of all inputs of the signature.</param>
/// <param name="Outputs">The positions of all outputs of the signature.</param>
/// <param name="Length">The length of the block, in bytes.</param>
internal sealed record BoundLayout(BoundTensor[] Inputs, BoundTensor[] Outputs, int Length)
{
    /// <summary>
    /// The maximum length of a block in bytes. A run with a block copies its tensors, and a run without a block creates native values. From
    /// about twice this length on, the copies take longer than the creation of native values.
    /// </summary>
    public const int MaxLength = 16 << 10;

    /// <summary>The alignment of tensors within the block, in bytes. ONNX Runtime aligns its own tensors in the same way.</summary>
    private const int Alignment = 64;

    /// <summary>
    /// Creates the layout; returns null when the smallest run is too large, has strings or empty tensors, or has outputs of unknown shapes.
    /// </summary>
    public static BoundLayout? TryCreate(ModelSignature signature)
    {
        var inputs = new BoundTensor[signature.Inputs.Length];
        var outputs = new BoundTensor[signature.Outputs.Length];
        var length = 0;
        for (var i = 0; i < inputs.Length; i++)
        {
            if (!TryReserve(signature.Inputs[i], GetSmallestShape(signature.Inputs[i].Shape), ref length, out inputs[i]))
                return null;
        }

        Tensor[] tensors = [.. inputs.Select(input => Tensor.Rent(input.Type, input.Shape))];
        try
        {
            for (var i = 0; i < outputs.Length; i++)
            {
                var spec = signature.Outputs[i];
                if (!OutputShapes.TryResolve(spec, signature, tensors, out var shape)
                    || !TryReserve(spec, shape, ref length, out outputs[i]))
                {
                    return null;
                }
            }
        }
        finally
        {
            tensors.DisposeAll();
        }

        return new BoundLayout(inputs, outputs, length);
    }

    /// <summary>Whether the inputs have the shapes of the layout. The number and types of the inputs must match the signature.</summary>
    public bool Fits(IReadOnlyList<Tensor> inputs)
    {
        for (var i = 0; i < Inputs.Length; i++)
        {
            if (inputs[i].Shape != Inputs[i].Shape)
                return false;
        }

        return true;
    }

    private static Shape GetSmallestShape(Shape shape)
    {
        var dimensions = shape.Dimensions.ToArray();
        dimensions.AsSpan().Replace(Shape.Dynamic, 1);
        return new Shape(dimensions);
    }

    private static bool TryReserve(TensorSpec spec, Shape shape, ref int length, out BoundTensor tensor)
    {
        tensor = default;
        if (spec.Type == ElementType.Bytes || !shape.TryCount(out var elements) || elements is 0 or > MaxLength)
            return false;
        tensor = new BoundTensor(spec.Name, spec.Type, shape, length, (int)elements * spec.Type.Size());
        length += (tensor.Length + Alignment - 1) / Alignment * Alignment;
        return length <= MaxLength;
    }
}
