using Inference.Tensors;

namespace Inference.Models;

/// <summary>The integers in inputs that the server generates to try a model.</summary>
public static class GeneratedIntegers
{
    /// <summary>
    /// Replaces zeros by ones in the integer inputs of a model that could crash on dimensions of size 0. The model may use an integer as
    /// the size of a dimension, and a kernel may end the process at a size of 0. The value 1 rarely leads to a size of 0.
    /// </summary>
    /// <returns>The same tensors, changed in place.</returns>
    public static Tensor[] ReplaceZeros(ModelSignature signature, Tensor[] inputs)
    {
        if (signature.ZeroSizeObstacle is null)
            return inputs;
        foreach (var input in inputs)
        {
            if (!input.Type.IsInteger())
                continue;
            var (data, size) = (input.Data, input.Type.Size());
            for (var offset = 0; offset < data.Length; offset += size)
            {
                if (!data.Span.Slice(offset, size).ContainsAnyExcept((byte)0))
                    data.Span[offset] = 1;
            }
        }

        return inputs;
    }
}
