namespace Inference.Text.Added;

/// <summary>A token that is found in the text before the model sees it.</summary>
/// <param name="Content">The text of the token.</param>
internal sealed record AddedToken(string Content)
{
    /// <summary>Whether it is no part of a longer word.</summary>
    public bool IsWord { get; init; }

    /// <summary>Whether blanks before it belong to it.</summary>
    public bool TakesLeft { get; init; }

    /// <summary>Whether blanks behind it belong to it.</summary>
    public bool TakesRight { get; init; }

    /// <summary>Whether it is looked for in the normalized text, normalized itself.</summary>
    public bool IsNormalized { get; init; }

    /// <summary>Whether decoding may leave it out.</summary>
    public bool IsSpecial { get; init; }
}
