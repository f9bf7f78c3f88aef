using Inference.Text.Normalization;
using Inference.Text.Patterns;

namespace Inference.Text.PreTokenization;

/// <summary>The pre-tokenizer of GPT-2, which splits at words and writes the bytes of UTF-8 as visible characters.</summary>
/// <param name="addsPrefixSpace">Whether a space is inserted before a piece that starts without one.</param>
/// <param name="splits">Whether the text is split at words.</param>
internal sealed class ByteLevelPreTokenizer(bool addsPrefixSpace, bool splits) : PreTokenizer
{
    private readonly Splitter? _splitter = splits ? new Splitter(GptPattern.Gpt2, SplitBehavior.Isolated, isInverted: false) : null;

    public override void PreTokenize(WorkingText text)
    {
        if (addsPrefixSpace)
        {
            text.Rewrite(0, static (_, text, piece) =>
            {
                if (piece.StartsWith(' '))
                    text.Copy(piece.Length);
                else
                    PrependNormalizer.Prepend(" ", text, piece);
            });
        }

        _splitter?.PreTokenize(text);
        text.Rewrite(0, static (_, text, piece) => ByteCharacters.Write(text, piece));
    }
}
