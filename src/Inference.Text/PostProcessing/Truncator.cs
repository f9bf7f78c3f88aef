namespace Inference.Text.PostProcessing;

/// <summary>Truncates tokenized texts. The special tokens are added afterwards.</summary>
internal static class Truncator
{
    /// <summary>Truncates texts to a number of tokens.</summary>
    /// <param name="texts">One text, or two.</param>
    /// <param name="length">The maximum number of tokens of all texts together.</param>
    /// <exception cref="TokenizerException">Only the first text may be truncated, and it has too few tokens.</exception>
    public static void Truncate(List<EncodedTokens> texts, Truncation truncation, int length)
    {
        length = Math.Max(0, length);
        var total = texts.Sum(text => text.Count);
        if (total <= length)
            return;
        switch (truncation.Strategy)
        {
            case TruncationStrategy.LongestFirst when texts.Count > 1:
                var (first, second) = DivideLength(texts[0].Count, texts[1].Count, length);
                texts[0].Truncate(first, truncation.Side);
                texts[1].Truncate(second, truncation.Side);
                break;
            case TruncationStrategy.LongestFirst:
            case TruncationStrategy.OnlyFirst:
                TruncateFirst(texts[0], total - length, truncation);
                break;
        }
    }

    private static void TruncateFirst(EncodedTokens text, int removed, Truncation truncation)
    {
        var isTooShort = truncation.Strategy != TruncationStrategy.LongestFirst && text.Count <= removed;
        if (isTooShort)
        {
            throw new TokenizerException(
                $"The first text has {Counted.Text(text.Count, "token")}, too few to remove {removed}. Send the second text in parts.");
        }

        text.Truncate(text.Count - removed, truncation.Side);
    }

    /// <summary>
    /// Divides the length between two texts. The shorter text keeps its length if shortening the longer text is enough. Otherwise each text
    /// gets half of the length.
    /// </summary>
    private static (int First, int Second) DivideLength(int first, int second, int length)
    {
        var isSwapped = first > second;
        var (shorter, longer) = isSwapped ? (second, first) : (first, second);
        longer = shorter > length ? shorter : Math.Max(shorter, length - shorter);
        if (shorter + longer > length)
        {
            shorter = length / 2;
            longer = shorter + (length % 2);
        }

        return isSwapped ? (longer, shorter) : (shorter, longer);
    }
}
