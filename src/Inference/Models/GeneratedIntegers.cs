using Inference.Tensors;

namespace Inference.Models;

/// <summary>The integers in inputs that the server generates to try a model.</summary>
public static class GeneratedIntegers
{
    /// <summary>
    /// Replaces zeros by ones in the integer inputs of a model that is not known to survive sizes of 0, because an integer may become a size
    /// inside the model: then a kernel may end the process. A one can become a size of 0 as well, but seldom does.
    /// </summary>
    /// <returns>The inputs themselves.</returns>
    public static Tensor[] WithoutSizesOfZero(ModelSignature signature, Tensor[] inputs)
    {
        if (signature.ZeroSizeObstacle is null)
            return inputs;
        foreach (var input in inputs)
        {
            if (!IsInteger(input.Type))
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

    /// <summary>Whether the type is one of whole numbers that may become sizes.</summary>
    public static bool IsInteger(ElementType type) => type is ElementType.Int8 or ElementType.Int16 or ElementType.Int32 or ElementType.Int64
        or ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32 or ElementType.UInt64;
}
