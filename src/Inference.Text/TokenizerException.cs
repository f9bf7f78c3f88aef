namespace Inference.Text;

/// <summary>
/// Thrown when a tokenizer's files cannot be used, or when a text cannot be encoded. A message about a file names the file and, if known,
/// the path in it.
/// </summary>
public sealed class TokenizerException : Exception
{
    public TokenizerException()
    {
    }

    public TokenizerException(string message)
        : base(message)
    {
    }

    public TokenizerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the error for a text with an unknown character, when the vocabulary has no token for unknown characters.</summary>
    /// <param name="token">The token for unknown characters that the settings name.</param>
    internal static TokenizerException UnknownTokenError(string token) =>
        new("The text has a character without a token, and the vocabulary has no token for unknown characters "
            + $"(\"{Quote.Shorten(token)}\").");
}
