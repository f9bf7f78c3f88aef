namespace Inference.Models.Settings;

/// <summary>The names that exporters give to the inputs of token models.</summary>
public static class TokenInput
{
    /// <summary>The identifiers of the tokens.</summary>
    public const string Ids = "input_ids";

    /// <summary>1 for a token, 0 for padding.</summary>
    public const string Mask = "attention_mask";

    /// <summary>The text of a pair that a token belongs to: 0 or 1.</summary>
    public const string Types = "token_type_ids";
}
