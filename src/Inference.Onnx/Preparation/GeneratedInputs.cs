using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>Generates inputs for a model. The values are the same in every process.</summary>
internal static class GeneratedInputs
{
    private const int Seed = 20170905;

    /// <summary>The number of tokens in an item of a token model, which equals a few sentences.</summary>
    private const int Tokens = 64;

    /// <summary>
    /// Whether generated inputs have the size of real inputs. This is true if the number of items is the only dynamic dimension, or if all
    /// inputs are tokens.
    /// </summary>
    public static bool AreRepresentative(ModelSignature signature, BatchLayout layout) =>
        TokenInput.AllHaveDynamicLength(signature) ? layout.Inputs.All(axis => axis == 0)
        : signature.Inputs.All(input => input.Type != ElementType.Bytes) && !ItemGenerator.HasDynamicSizes(signature, layout);

    /// <summary>Creates inputs with a number of items, for a model with predictable inputs: see <see cref="AreRepresentative"/>.</summary>
    /// <returns>The inputs, which the caller disposes.</returns>
    public static Tensor[] Create(ModelSignature signature, BatchLayout layout, int items)
    {
        var random = new Random(Seed);
        if (TokenInput.AllHaveDynamicLength(signature))
        {
            return [.. signature.Inputs.Select(input =>
                Create(input with { Shape = new Shape(Shape.Dynamic, Tokens) }, items, random))];
        }

        return GeneratedIntegers.ReplaceZeros(
            signature,
            [.. signature.Inputs.Select((input, i) => Create(input, layout.Inputs[i] == BatchLayout.Shared ? 1 : items, random))]);
    }

    /// <summary>Creates inputs with the same size for every dynamic dimension.</summary>
    /// <param name="size">The size of every dynamic dimension.</param>
    /// <returns>
    /// The inputs, which the caller disposes. Null for a model with string inputs, or with inputs of a declared size 0 that its operators
    /// may not support.
    /// </returns>
    public static Tensor[]? Create(ModelSignature signature, int size)
    {
        if (signature.Inputs.Any(input =>
            input.Type == ElementType.Bytes || (signature.ZeroSizeObstacle is not null && input.Shape.Dimensions.Contains(0))))
        {
            return null;
        }

        var random = new Random(Seed);
        return GeneratedIntegers.ReplaceZeros(signature, [.. signature.Inputs.Select(input => Create(input, size, random))]);
    }

    private static Tensor Create(TensorSpec spec, int size, Random random)
    {
        var dimensions = spec.Shape.Dimensions.ToArray();
        dimensions.AsSpan().Replace(Shape.Dynamic, size);
        var tensor = Tensor.Rent(spec.Type, new Shape(dimensions));
        switch (spec.Type)
        {
            case ElementType.Float32:
                Fill(tensor.Values<float>(), () => (float)random.NextDouble());
                break;
            case ElementType.Float64:
                Fill(tensor.Values<double>(), random.NextDouble);
                break;
            case ElementType.Float16:
                Fill(tensor.Values<Half>(), () => (Half)random.NextDouble());
                break;
            case ElementType.BFloat16:
                Fill(tensor.Values<ushort>(), () => (ushort)(BitConverter.SingleToUInt32Bits((float)random.NextDouble()) >> 16));
                break;
            default:
                // Integers are often indices, counts or switches. A model is least likely to refuse zero and one.
                FillIntegers(tensor, random);
                break;
        }

        return tensor;
    }

    private static void FillIntegers(Tensor tensor, Random random)
    {
        tensor.Data.Span.Clear();
        for (var at = 0; at < tensor.Data.Length; at += tensor.Type.Size())
            tensor.Data.Span[at] = (byte)random.Next(2);
    }

    private static void Fill<T>(Span<T> values, Func<T> next)
    {
        foreach (ref var value in values)
            value = next();
    }
}
