namespace Inference.Text.PostProcessing;

/// <summary>Adds special tokens to the texts, and corrects their segments and offsets.</summary>
internal abstract class PostProcessor
{
    /// <summary>Returns the number of special tokens that will be added.</summary>
    /// <param name="isPair">Whether there are two texts.</param>
    public abstract int CountSpecialTokens(bool isPair);

    /// <summary>Processes the tokens of one or two texts.</summary>
    /// <param name="texts">One or two texts. The processed texts replace them.</param>
    /// <param name="addsSpecialTokens">Whether special tokens are added.</param>
    public abstract void Process(List<EncodedTokens> texts, bool addsSpecialTokens);
}

/// <summary>Runs several processors in order.</summary>
internal sealed class SequencePostProcessor(PostProcessor[] steps) : PostProcessor
{
    public override int CountSpecialTokens(bool isPair) => steps.Sum(step => step.CountSpecialTokens(isPair));

    public override void Process(List<EncodedTokens> texts, bool addsSpecialTokens)
    {
        foreach (var step in steps)
            step.Process(texts, addsSpecialTokens);
    }
}

/// <summary>Removes the whitespace from the offsets of byte-level tokens, which begin with the space before a word.</summary>
/// <param name="trims">Whether the whitespace is removed.</param>
/// <param name="hasPrefixSpace">Whether the pre-tokenizer inserted a space before the text. The offsets do not include this space.</param>
internal sealed class ByteLevelPostProcessor(bool trims, bool hasPrefixSpace) : PostProcessor
{
    public override int CountSpecialTokens(bool isPair) => 0;

    public override void Process(List<EncodedTokens> texts, bool addsSpecialTokens)
    {
        if (!trims)
            return;
        foreach (var text in texts)
            Trim(text, hasPrefixSpace);
    }

    /// <summary>Removes the whitespace from the offsets of a text. Does nothing for a text without offsets.</summary>
    public static void Trim(EncodedTokens text, bool hasPrefixSpace)
    {
        if (text.Offsets is not { } offsets)
            return;
        for (var index = 0; index < offsets.Count; index++)
        {
            var (start, end) = offsets[index];
            var (leading, trailing) = text.WhitespaceCounts![index];
            // A single space at the start of the text is the inserted one.
            if (hasPrefixSpace && leading == 1 && (index == 0 || start == 0))
                leading = 0;
            start = Math.Min(start + leading, end);
            if (end >= trailing)
                end = Math.Max(end - trailing, start);
            offsets[index] = new TextRange(start, end);
        }
    }
}
