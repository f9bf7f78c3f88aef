using Inference.Tensors;

namespace Inference.Models;

/// <summary>The integers in inputs that the server generates to try a model.</summary>
public static class GeneratedIntegers
{
    /// <summary>
    /// Replaces zeros by ones in the integer inputs of a model that is not known to survive sizes of 0. An integer may become a size inside
    /// the model, and a kernel may then end the process. The value 1 rarely leads to a size of 0.
    /// </summary>
    /// <returns>The same tensors, changed in place.</returns>
    public static Tensor[] WithoutSizesOfZero(ModelSignature signature, Tensor[] inputs)
    {
        if (signature.ZeroSizeObstacle is null)
            return inputs;
        foreach (var input in inputs)
        {
            if (!input.Type.IsInteger())
                continue;
            var (data, size) = (input.Data, input.Type.Size());
            for (var at = 0; at < data.Length; at += size)
            {
                if (!data.Span.Slice(at, size).ContainsAnyExcept((byte)0))
                    data.Span[at] = 1;
            }
        }

        return inputs;
    }
}
