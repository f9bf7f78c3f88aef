namespace Inference.Text.Added;

/// <summary>A token that is found in the text before the model processes the text.</summary>
/// <param name="Content">The text of the token.</param>
internal sealed record AddedToken(string Content)
{
    /// <summary>Whether the token is found only as a whole word.</summary>
    public bool IsSingleWord { get; init; }

    /// <summary>Whether whitespace before the token belongs to it.</summary>
    public bool StripsLeft { get; init; }

    /// <summary>Whether whitespace after the token belongs to it.</summary>
    public bool StripsRight { get; init; }

    /// <summary>
    /// Whether the normalized text is searched for the normalized token. Otherwise, the original text is searched for the token itself.
    /// </summary>
    public bool IsNormalized { get; init; }

    /// <summary>Whether decoding may skip the token.</summary>
    public bool IsSpecial { get; init; }
}
