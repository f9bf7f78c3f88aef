namespace Inference.Text.PostProcessing;

/// <summary>Puts special tokens around the texts, and sets their segments and offsets right.</summary>
internal abstract class PostProcessor
{
    /// <summary>How many special tokens there will be.</summary>
    public abstract int CountAdded(bool isPair);

    /// <param name="texts">One text, or two. What the processor makes of them replaces them.</param>
    /// <param name="addsSpecialTokens">Whether there are special tokens at all.</param>
    public abstract void Process(List<EncodedParts> texts, bool addsSpecialTokens);
}

/// <summary>Several processors, one after another.</summary>
internal sealed class SequencePostProcessor(PostProcessor[] steps) : PostProcessor
{
    public override int CountAdded(bool isPair) => steps.Sum(step => step.CountAdded(isPair));

    public override void Process(List<EncodedParts> texts, bool addsSpecialTokens)
    {
        foreach (var step in steps)
            step.Process(texts, addsSpecialTokens);
    }
}

/// <summary>Takes the blanks out of the offsets of byte-level tokens, which begin with the blank before a word.</summary>
/// <param name="hasPrefixSpace">Whether the pre-tokenizer put a blank before the text, which is in no offset.</param>
internal sealed class ByteLevelPostProcessor(bool trims, bool hasPrefixSpace) : PostProcessor
{
    public override int CountAdded(bool isPair) => 0;

    public override void Process(List<EncodedParts> texts, bool addsSpecialTokens)
    {
        if (!trims)
            return;
        foreach (var text in texts)
            Trim(text, hasPrefixSpace);
    }

    public static void Trim(EncodedParts text, bool hasPrefixSpace)
    {
        if (text.Offsets is not { } offsets)
            return;
        for (var index = 0; index < offsets.Count; index++)
        {
            var (start, end) = offsets[index];
            var (leading, trailing) = text.Blanks![index];
            // A single blank at the start of the text is the one that was put there.
            if (hasPrefixSpace && leading == 1 && (index == 0 || start == 0))
                leading = 0;
            start = Math.Min(start + leading, end);
            if (end >= trailing)
                end = Math.Max(end - trailing, start);
            offsets[index] = new TextRange(start, end);
        }
    }
}
