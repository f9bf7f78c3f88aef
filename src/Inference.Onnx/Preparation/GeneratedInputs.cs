using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>Generates inputs for a model. The values are the same in every process.</summary>
internal static class GeneratedInputs
{
    /// <summary>The seed of the random values. The number has no meaning.</summary>
    private const int Seed = 20170905;

    /// <summary>
    /// The number of tokens in an item, for a model whose inputs are the tokens of a text. A few sentences have about this many tokens.
    /// </summary>
    private const int TokenCount = 64;

    /// <summary>
    /// Whether generated inputs have the size of real inputs. This is true if the number of items is the only dynamic dimension, or if all
    /// inputs are tokens.
    /// </summary>
    public static bool AreRepresentative(ModelSignature signature, BatchLayout layout) =>
        TokenInput.AllHaveDynamicLength(signature) ? layout.Inputs.All(axis => axis == 0)
        : signature.Inputs.All(input => input.Type != ElementType.Bytes) && !ItemGenerator.HasDynamicSizes(signature, layout);

    /// <summary>
    /// Creates inputs with the given number of items, for a model whose generated inputs are representative: see
    /// <see cref="AreRepresentative"/>.
    /// </summary>
    /// <returns>The inputs, which the caller disposes.</returns>
    public static Tensor[] Create(ModelSignature signature, BatchLayout layout, int items)
    {
        var random = new Random(Seed);
        if (TokenInput.AllHaveDynamicLength(signature))
        {
            return [.. signature.Inputs.Select(input =>
                Create(input with { Shape = new Shape(Shape.Dynamic, TokenCount) }, items, random))];
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

    private static Tensor Create(TensorSpec spec, int size, Random random) =>
        ItemGenerator.Create(spec, BatchLayout.Shared, size, ItemKind.Random, random);
}
