using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>Generates inputs for a model. They are the same in every process.</summary>
internal static class SampleInputs
{
    private const int Seed = 20170905;

    /// <summary>The tokens of an item of a token model: those of a few sentences.</summary>
    private const int Tokens = 64;

    /// <summary>
    /// Whether generated inputs have the size of real ones: the number of items is the only dynamic size of the model, or the items are
    /// tokens.
    /// </summary>
    public static bool ArePredictable(ModelSignature signature, BatchLayout layout) =>
        TokenInput.AreAll(signature) ? layout.Inputs.All(axis => axis == 0)
        : signature.Inputs.All(input => input.Type != ElementType.Bytes) && !ItemInputs.HasOpenSizes(signature, layout);

    /// <summary>Creates inputs with a number of items, for a model whose inputs are predictable.</summary>
    /// <returns>The inputs, which the caller disposes.</returns>
    public static Tensor[] Create(ModelSignature signature, BatchLayout layout, int items)
    {
        var random = new Random(Seed);
        if (TokenInput.AreAll(signature))
        {
            return [.. signature.Inputs.Select(input =>
                Create(input with { Shape = new Shape(Shape.Dynamic, Tokens) }, items, random))];
        }

        return GeneratedIntegers.WithoutSizesOfZero(
            signature,
            [.. signature.Inputs.Select((input, i) => Create(input, layout.Inputs[i] == BatchLayout.Shared ? 1 : items, random))]);
    }

    /// <param name="size">The size of every dynamic dimension.</param>
    /// <returns>
    /// The inputs, which the caller disposes. Null for a model that takes strings, or only inputs that it may not survive.
    /// </returns>
    public static Tensor[]? Create(ModelSignature signature, int size)
    {
        if (signature.Inputs.Any(input =>
            input.Type == ElementType.Bytes || (signature.ZeroSizeObstacle is not null && input.Shape.Dimensions.Contains(0))))
        {
            return null;
        }

        var random = new Random(Seed);
        return GeneratedIntegers.WithoutSizesOfZero(signature, [.. signature.Inputs.Select(input => Create(input, size, random))]);
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
                // Integers are often indices, counts or switches. Zero and one are the least likely to be refused.
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
