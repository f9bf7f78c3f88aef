namespace Inference.Text.PreTokenization;

/// <summary>Cuts after each so many characters.</summary>
internal sealed class FixedLengthPreTokenizer(int length) : PreTokenizer
{
    public override void PreTokenize(WorkingText text)
    {
        text.BeginCuts();
        foreach (var piece in text.Pieces)
        {
            if (!piece.IsText)
                text.Keep(piece);
            else
                Cut(text, piece);
        }

        text.EndCuts();
    }

    private void Cut(WorkingText text, in Piece piece)
    {
        text.ThrowIfCancelled(piece.Length);
        var letters = text.TextOf(piece);
        var (start, count) = (0, 0);
        for (var index = 0; index < letters.Length; index++)
        {
            if (char.IsLowSurrogate(letters[index]) || count++ < length)
                continue;
            text.Cut(piece.Start + start, piece.Start + index);
            (start, count) = (index, 1);
        }

        text.Cut(piece.Start + start, piece.End);
    }
}
