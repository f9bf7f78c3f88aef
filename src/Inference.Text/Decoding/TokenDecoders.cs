using System.Text;
using Inference.Text.Patterns;

namespace Inference.Text.Decoding;

/// <summary>Inserts a space before each token that begins a word, and removes the prefix of tokens that continue a word.</summary>
/// <param name="cleans">Whether spaces before punctuation and in contractions are removed.</param>
internal sealed class WordPieceDecoder(string prefix, bool cleans) : TokenDecoder
{
    protected override string Decode(string token, bool isFirst, bool isLast)
    {
        var text = isFirst ? token : token.StartsWith(prefix, StringComparison.Ordinal) ? token[prefix.Length..] : " " + token;
        return cleans ? CleanUp(text) : text;
    }

    /// <summary>Removes spaces before punctuation and in English contractions.</summary>
    public static string CleanUp(string text)
    {
        const StringComparison Ordinal = StringComparison.Ordinal;
        if (!text.Contains(' ', Ordinal))
            return text;
        return text.Replace(" .", ".", Ordinal).Replace(" ?", "?", Ordinal).Replace(" !", "!", Ordinal).Replace(" ,", ",", Ordinal)
            .Replace(" ' ", "'", Ordinal).Replace(" n't", "n't", Ordinal).Replace(" 'm", "'m", Ordinal)
            .Replace(" do not", " don't", Ordinal).Replace(" 's", "'s", Ordinal).Replace(" 've", "'ve", Ordinal)
            .Replace(" 're", "'re", Ordinal);
    }
}

/// <summary>Converts the visible character that represents a space in SentencePiece to a space.</summary>
/// <param name="hasPrefix">Whether the visible characters of the first token are removed instead.</param>
internal sealed class MetaspaceDecoder(string replacement, bool hasPrefix) : TokenDecoder
{
    protected override string Decode(string token, bool isFirst, bool isLast) =>
        token.Replace(replacement, isFirst && hasPrefix ? "" : " ", StringComparison.Ordinal);
}

/// <summary>Converts the suffix at the end of a word to a space.</summary>
internal sealed class BpeDecoder(string suffix) : TokenDecoder
{
    protected override string Decode(string token, bool isFirst, bool isLast) =>
        suffix.Length == 0 ? token : token.Replace(suffix, isLast ? "" : " ", StringComparison.Ordinal);
}

/// <summary>Removes a character at the ends of tokens.</summary>
/// <param name="start">The maximum number of characters to remove at the start.</param>
/// <param name="stop">The maximum number of characters to remove at the end.</param>
internal sealed class StripDecoder(Rune content, int start, int stop) : TokenDecoder
{
    protected override string Decode(string token, bool isFirst, bool isLast)
    {
        var text = token.AsSpan();
        for (var count = 0; count < start && Rune.DecodeFromUtf16(text, out var rune, out var size) == 0 && rune == content; count++)
            text = text[size..];
        for (var count = 0; count < stop && Rune.DecodeLastFromUtf16(text, out var rune, out var size) == 0 && rune == content; count++)
            text = text[..^size];
        return text.ToString();
    }
}

/// <summary>Replaces the matches of a pattern in each token.</summary>
internal sealed class ReplaceDecoder(TextPattern pattern, string content) : TokenDecoder
{
    protected override string Decode(string token, bool isFirst, bool isLast)
    {
        var matches = new List<Match>();
        pattern.Find(token, matches);
        if (matches.Count == 0)
            return token;
        var text = new StringBuilder();
        var lastEnd = 0;
        foreach (var (start, end) in matches)
        {
            text.Append(token, lastEnd, start - lastEnd).Append(content);
            lastEnd = end;
        }

        return text.Append(token, lastEnd, token.Length - lastEnd).ToString();
    }
}
