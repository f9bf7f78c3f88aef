namespace Inference.Text.Models;

/// <summary>Makes tokens of words.</summary>
internal abstract class TokenModel
{
    /// <summary>How many different tokens there are.</summary>
    public abstract int Size { get; }

    /// <summary>Ids are smaller than this. They may leave gaps.</summary>
    public abstract int End { get; }

    /// <summary>Appends the tokens of a word.</summary>
    /// <param name="word">Not empty, and without unpaired surrogates.</param>
    /// <param name="start">Where the word begins in the text that the tokens' ranges are of.</param>
    /// <exception cref="TokenizerException">A character has no token, and there is none for unknown ones.</exception>
    public abstract void Tokenize(ReadOnlySpan<char> word, int start, TokenList tokens);

    /// <returns>-1 if there is no such token.</returns>
    public abstract int IdOf(string token);

    /// <returns>Null if there is no such id.</returns>
    public abstract string? TokenOf(int id);
}
