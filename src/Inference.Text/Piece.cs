namespace Inference.Text;

/// <summary>A part of the text that is worked on: text still, or an added token.</summary>
/// <param name="Start">In UTF-16 code units of the text as it is now.</param>
/// <param name="End">In UTF-16 code units of the text as it is now, exclusive.</param>
/// <param name="Token">The id of the added token; negative for text.</param>
/// <param name="Origin">Where the piece began in the original text when it was cut off; zero if that is not tracked.</param>
internal readonly record struct Piece(int Start, int End, int Token, int Origin)
{
    public const int NoToken = -1;

    public bool IsText => Token < 0;

    public int Length => End - Start;
}
