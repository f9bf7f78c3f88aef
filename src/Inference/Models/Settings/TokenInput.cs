using System.Collections.Immutable;
using Inference.Tensors;

namespace Inference.Models.Settings;

/// <summary>The names that exporters give to the inputs of token models.</summary>
public static class TokenInput
{
    /// <summary>The identifiers of the tokens.</summary>
    public const string Ids = "input_ids";

    /// <summary>The attention mask: 1 for a token, 0 for padding.</summary>
    public const string Mask = "attention_mask";

    /// <summary>The index of a token's text in a pair of texts: 0 or 1.</summary>
    public const string Types = "token_type_ids";

    /// <summary>Finds the input of token ids. The size of its second dimension is the number of tokens per item.</summary>
    /// <returns>The index of the input; -1 for a model without token ids of dynamic length.</returns>
    public static int FindIds(ModelSignature signature) =>
        signature.IndexOfInput(Ids) is >= 0 and var ids && HasDynamicLength(signature.Inputs[ids]) ? ids : -1;

    /// <summary>Whether all inputs have rows of dynamic length: the token ids, and other inputs with one value for each token.</summary>
    public static bool AllHaveDynamicLength(ModelSignature signature) => FindIds(signature) >= 0 && signature.Inputs.All(HasDynamicLength);

    /// <summary>
    /// Returns the padding value of each input, for a model that has token ids and an attention mask. All values are 0: in the mask, 0
    /// marks padding, and every vocabulary has a token 0.
    /// </summary>
    /// <returns>Empty for other models.</returns>
    public static ImmutableSortedDictionary<string, float> GetFillValues(ModelSignature signature)
    {
        string[] names = [.. signature.Inputs.Where(HasDynamicLength).Select(input => input.Name)];
        return !names.Contains(Ids) || !names.Contains(Mask)
            ? BatchingSettings.NoPadding
            : BatchingSettings.NoPadding.AddRange(
                names.Intersect([Ids, Mask, Types]).Select(name => KeyValuePair.Create(name, 0f)));
    }

    /// <summary>Whether the input has rows of dynamic length.</summary>
    private static bool HasDynamicLength(TensorSpec input) =>
        input.Type != ElementType.Bytes && input.Shape.Rank == 2 && input.Shape[1] == Shape.Dynamic;
}
