namespace Inference.Text;

/// <summary>A part of the working text: text that is not yet tokenized, or an added token.</summary>
/// <param name="Start">The start in UTF-16 code units of the current text.</param>
/// <param name="End">The exclusive end in UTF-16 code units of the current text.</param>
/// <param name="Token">The id of the added token; negative for text.</param>
/// <param name="Origin">
/// The start of the piece in the original text, recorded when the piece was split off; zero when origins are not tracked.
/// </param>
internal readonly record struct Piece(int Start, int End, int Token, int Origin)
{
    public const int NoToken = -1;

    public bool IsText => Token < 0;

    /// <summary>The length in UTF-16 code units.</summary>
    public int Length => End - Start;
}
