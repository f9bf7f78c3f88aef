namespace Inference.Text.Models;

/// <summary>Splits words into tokens.</summary>
internal abstract class TokenModel
{
    /// <summary>The number of distinct tokens.</summary>
    public abstract int TokenCount { get; }

    /// <summary>One more than the largest id. Ids can have gaps.</summary>
    public abstract int IdEnd { get; }

    /// <summary>The id of the token for unknown words or characters; -1 if there is none.</summary>
    public abstract int Unknown { get; }

    /// <summary>The prefix of the tokens that continue a word; empty if there is none.</summary>
    public virtual string Prefix => "";

    /// <summary>Appends the tokens of a word.</summary>
    /// <param name="word">The word. It must not be empty or contain unpaired surrogates.</param>
    /// <param name="start">The position of the word in the normalized text.</param>
    /// <exception cref="TokenizerException">A character has no token, and the vocabulary has no token for unknown characters.</exception>
    public abstract void Tokenize(ReadOnlySpan<char> word, int start, TokenList tokens);

    /// <returns>The id of the token; -1 when the vocabulary does not have the token.</returns>
    public abstract int IdOf(string token);

    /// <returns>The token with the id; null when no token has the id.</returns>
    public abstract string? TokenOf(int id);
}
