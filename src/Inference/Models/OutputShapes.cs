using Inference.Tensors;

namespace Inference.Models;

/// <summary>Finds the shape of an output before a run, where the signature and the inputs determine it.</summary>
public static class OutputShapes
{
    /// <summary>Finds the shape of an output.</summary>
    /// <returns>False when a size is not known before the run, or when the elements are strings.</returns>
    /// <param name="inputs">The inputs in the signature's order.</param>
    public static bool TryResolve(TensorSpec output, ModelSignature signature, IReadOnlyList<Tensor> inputs, out Shape shape)
    {
        shape = default;
        // Rank 0 is a scalar, or an output whose rank the model does not declare.
        if (output.Type == ElementType.Bytes || output.Shape.Rank == 0)
            return false;
        Span<long> dimensions = stackalloc long[output.Shape.Rank];
        for (var axis = 0; axis < dimensions.Length; axis++)
        {
            dimensions[axis] = output.Shape[axis] != Shape.Dynamic ? output.Shape[axis] : FindSize(output.Symbols[axis], signature, inputs);
            if (dimensions[axis] < 0)
                return false;
        }

        shape = new Shape(dimensions);
        return true;
    }

    /// <summary>Whether all sizes of an output except the first are determined before a run.</summary>
    internal static bool IsItemSizeKnown(TensorSpec output, ModelSignature signature, IReadOnlyList<Tensor> inputs)
    {
        for (var axis = 1; axis < output.Shape.Rank; axis++)
        {
            if (output.Shape[axis] == Shape.Dynamic && FindSize(output.Symbols[axis], signature, inputs) < 0)
                return false;
        }

        return true;
    }

    /// <summary>
    /// Returns the size of a named dimension in the inputs; -1 when no input has the dimension. Exporters may give one name to dimensions
    /// of different sizes. The result is then also -1.
    /// </summary>
    internal static long FindSize(string symbol, ModelSignature signature, IReadOnlyList<Tensor> inputs)
    {
        var size = -1L;
        for (var input = 0; symbol.Length > 0 && input < inputs.Count; input++)
        {
            var symbols = signature.Inputs[input].Symbols;
            for (var axis = symbols.IndexOf(symbol); axis >= 0 && axis < symbols.Length; axis++)
            {
                if (symbols[axis] != symbol || inputs[input].Shape[axis] == size)
                    continue;
                if (size >= 0)
                    return -1;
                size = inputs[input].Shape[axis];
            }
        }

        return size;
    }
}
