namespace Inference.Text.PostProcessing;

/// <summary>Creates [CLS] first text [SEP] second text [SEP], with segment 1 for the second text and the [SEP] after it.</summary>
internal sealed class BertPostProcessor(int firstToken, int separator) : PostProcessor
{
    public override int CountSpecialTokens(bool isPair) => isPair ? 3 : 2;

    public override void Process(List<EncodedTokens> texts, bool addsSpecialTokens)
    {
        if (!addsSpecialTokens)
            return;
        var joined = EncodedTokens.Create(texts[0].Offsets is not null);
        joined.AddSpecial(firstToken, 0);
        for (var index = 0; index < texts.Count; index++)
        {
            joined.Append(texts[index]);
            joined.AddSpecial(separator, Math.Min(index, 1));
        }

        texts.Clear();
        texts.Add(joined);
    }
}

/// <summary>Creates &lt;s&gt; first text &lt;/s&gt; &lt;/s&gt; second text &lt;/s&gt;, in one segment.</summary>
/// <param name="trims">Whether offsets exclude whitespace.</param>
/// <param name="hasPrefixSpace">See <see cref="ByteLevelPostProcessor"/>.</param>
internal sealed class RobertaPostProcessor(int firstToken, int separator, bool trims, bool hasPrefixSpace) : PostProcessor
{
    public override int CountSpecialTokens(bool isPair) => isPair ? 4 : 2;

    public override void Process(List<EncodedTokens> texts, bool addsSpecialTokens)
    {
        foreach (var text in texts)
        {
            text.SetTypeId(0);
            if (trims)
                ByteLevelPostProcessor.Trim(text, hasPrefixSpace);
        }

        if (!addsSpecialTokens)
            return;
        var joined = EncodedTokens.Create(texts[0].Offsets is not null);
        for (var index = 0; index < texts.Count; index++)
        {
            joined.AddSpecial(index == 0 ? firstToken : separator, 0);
            joined.Append(texts[index]);
            joined.AddSpecial(separator, 0);
        }

        texts.Clear();
        texts.Add(joined);
    }
}

/// <summary>A part of a template.</summary>
/// <param name="Text">0 for the first text, 1 for the second; negative for special tokens.</param>
/// <param name="Ids">The ids of the special tokens; empty for a text.</param>
/// <param name="TypeId">The segment of the text or of the special tokens.</param>
internal sealed record TemplatePart(int Text, int[] Ids, int TypeId);

/// <summary>
/// Joins texts and special tokens in the order of a template. There is one template for a single text and one for a pair.
/// </summary>
internal sealed class TemplatePostProcessor(TemplatePart[] single, TemplatePart[] pair) : PostProcessor
{
    public override int CountSpecialTokens(bool isPair) => (isPair ? pair : single).Sum(part => part.Ids.Length);

    public override void Process(List<EncodedTokens> texts, bool addsSpecialTokens)
    {
        var joined = EncodedTokens.Create(texts[0].Offsets is not null);
        foreach (var part in texts.Count > 1 ? pair : single)
        {
            if (part.Text >= 0)
            {
                texts[part.Text].SetTypeId(part.TypeId);
                joined.Append(texts[part.Text]);
            }
            else if (addsSpecialTokens)
            {
                foreach (var id in part.Ids)
                    joined.AddSpecial(id, part.TypeId);
            }
        }

        texts.Clear();
        texts.Add(joined);
    }
}
