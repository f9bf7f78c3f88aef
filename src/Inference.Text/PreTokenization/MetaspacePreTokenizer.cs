using Inference.Text.Normalization;
using Inference.Text.Patterns;

namespace Inference.Text.PreTokenization;

/// <summary>The pieces before which the replacement character is inserted.</summary>
internal enum PrependScheme
{
    Always,

    /// <summary>Only the piece at the start of the original text.</summary>
    First,
    Never,
}

/// <summary>The pre-tokenizer of SentencePiece, which writes spaces as a visible character and splits before each such character.</summary>
/// <param name="replacement">The visible character.</param>
/// <param name="splits">Whether the text is split. If not, spaces are only replaced.</param>
internal sealed class MetaspacePreTokenizer(string replacement, PrependScheme scheme, bool splits) : PreTokenizer
{
    private readonly Splitter? _splitter =
        splits ? new Splitter(new LiteralPattern(replacement), SplitBehavior.MergedWithNext, isInverted: false) : null;

    public override bool NeedsOrigin => scheme == PrependScheme.First;

    public override void PreTokenize(WorkingText text)
    {
        var code = char.ConvertToUtf32(replacement, 0);
        text.Rewrite(code, static (code, text, piece) =>
        {
            while (piece.IndexOf(' ') is >= 0 and var space)
            {
                text.Copy(space);
                text.Replace(code);
                piece = piece[(space + 1)..];
            }

            text.Copy(piece.Length);
        });
        if (scheme != PrependScheme.Never)
            text.Rewrite(this, static (preTokenizer, text, piece) => preTokenizer.Prepend(text, piece));
        _splitter?.PreTokenize(text);
    }

    private void Prepend(WorkingText text, ReadOnlySpan<char> piece)
    {
        if (piece.StartsWith(replacement) || (scheme == PrependScheme.First && text.OriginOfPiece != 0))
            text.Copy(piece.Length);
        else
            PrependNormalizer.Prepend(replacement, text, piece);
    }
}
