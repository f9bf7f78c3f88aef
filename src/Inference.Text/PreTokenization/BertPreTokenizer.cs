using Inference.Text.Unicode;

namespace Inference.Text.PreTokenization;

/// <summary>The pre-tokenizer of BERT, which splits at whitespace and drops it. Each punctuation mark becomes a piece.</summary>
internal sealed class BertPreTokenizer : PreTokenizer
{
    public override void PreTokenize(WorkingText text) =>
        text.SplitPieces(this, static (_, text, in piece) => SplitPiece(text, piece));

    private static void SplitPiece(WorkingText text, in Piece piece)
    {
        var characters = text.TextOf(piece);
        var start = 0;
        for (var index = 0; index < characters.Length;)
        {
            var code = CharacterClass.CodePointAt(characters, index, out var size);
            var isWhitespace = CharacterClass.IsWhitespace(code);
            if (isWhitespace || CharacterClass.IsPunctuation(code))
            {
                text.AddPart(piece.Start + start, piece.Start + index);
                if (!isWhitespace)
                    text.AddPart(piece.Start + index, piece.Start + index + size);
                start = index + size;
            }

            index += size;
        }

        text.AddPart(piece.Start + start, piece.End);
    }
}
