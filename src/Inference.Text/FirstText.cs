namespace Inference.Text;

/// <summary>A tokenized text that is the first text of several pairs. See <see cref="Tokenizer.TokenizeFirst"/>.</summary>
public sealed class FirstText
{
    internal FirstText(EncodedTokens tokens) => Tokens = tokens;

    /// <summary>The tokens, which each pair copies.</summary>
    internal EncodedTokens Tokens { get; }
}
