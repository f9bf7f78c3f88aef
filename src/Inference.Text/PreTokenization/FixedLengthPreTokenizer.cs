namespace Inference.Text.PreTokenization;

/// <summary>Splits text into pieces with a fixed number of characters.</summary>
internal sealed class FixedLengthPreTokenizer(int length) : PreTokenizer
{
    public override void PreTokenize(WorkingText text) =>
        text.SplitPieces(this, static (preTokenizer, text, in piece) => preTokenizer.SplitPiece(text, piece));

    private void SplitPiece(WorkingText text, in Piece piece)
    {
        var characters = text.TextOf(piece);
        var (start, count) = (0, 0);
        for (var index = 0; index < characters.Length; index++)
        {
            if (char.IsLowSurrogate(characters[index]) || count++ < length)
                continue;
            text.AddPart(piece.Start + start, piece.Start + index);
            (start, count) = (index, 1);
        }

        text.AddPart(piece.Start + start, piece.End);
    }
}
