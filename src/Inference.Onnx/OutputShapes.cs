using System.Diagnostics.CodeAnalysis;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Onnx;

/// <summary>Tells the outputs' shapes before a run, where the signature and the inputs settle them.</summary>
internal static class OutputShapes
{
    public static bool TryResolve(
        ModelSignature signature, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, [NotNullWhen(true)] out Shape[]? shapes)
    {
        shapes = new Shape[outputs.Count];
        for (var i = 0; i < shapes.Length; i++)
        {
            var spec = signature.Outputs[outputs[i]];
            // Rank 0 stands for a scalar and also for an output whose rank the model does not tell.
            if (spec.Type == ElementType.Bytes || spec.Shape.Rank == 0 || !TryResolve(spec, signature, inputs, out shapes[i]))
            {
                shapes = null;
                return false;
            }
        }

        return true;
    }

    private static bool TryResolve(TensorSpec output, ModelSignature signature, IReadOnlyList<Tensor> inputs, out Shape shape)
    {
        Span<long> dimensions = stackalloc long[output.Shape.Rank];
        for (var axis = 0; axis < dimensions.Length; axis++)
        {
            dimensions[axis] = output.Shape[axis] != Shape.Dynamic ? output.Shape[axis] : SizeOf(output.Symbols[axis], signature, inputs);
            if (dimensions[axis] < 0)
            {
                shape = default;
                return false;
            }
        }

        shape = new Shape(dimensions);
        return true;
    }

    /// <summary>The size the inputs give a named dimension, or -1.</summary>
    private static long SizeOf(string symbol, ModelSignature signature, IReadOnlyList<Tensor> inputs)
    {
        for (var input = 0; symbol.Length > 0 && input < inputs.Count; input++)
        {
            var axis = signature.Inputs[input].Symbols.IndexOf(symbol);
            if (axis >= 0)
                return inputs[input].Shape[axis];
        }

        return -1;
    }
}
