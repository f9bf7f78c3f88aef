using Inference.Text.Patterns;

namespace Inference.Text.PreTokenization;

/// <summary>The treatment of the matches at which text is split.</summary>
internal enum SplitBehavior
{
    Removed,
    Isolated,
    MergedWithPrevious,
    MergedWithNext,

    /// <summary>Adjacent matches become one piece.</summary>
    Contiguous,
}

/// <summary>Splits pieces at the matches of a pattern.</summary>
/// <param name="isInverted">Whether the roles are exchanged: the text between the matches counts as the matches.</param>
internal sealed class Splitter(TextPattern pattern, SplitBehavior behavior, bool isInverted) : PreTokenizer
{
    /// <summary>
    /// The list for the matches of one call. Each thread has a separate list, because several threads split texts simultaneously.
    /// </summary>
    [ThreadStatic]
    private static List<Match>? _matchesOfThread;

    public override void PreTokenize(WorkingText text)
    {
        var matches = _matchesOfThread ?? [];
        _matchesOfThread = null;
        text.SplitPieces((this, matches), static (state, text, in piece) => state.Item1.SplitPiece(text, piece, state.matches));
        const int MaxKeptCapacity = 1 << 14;
        if (matches.Capacity <= MaxKeptCapacity)
            _matchesOfThread = matches;
    }

    private void SplitPiece(WorkingText text, in Piece piece, List<Match> matches)
    {
        matches.Clear();
        pattern.Find(text.TextOf(piece), matches);
        var builder = new PieceBuilder(text, piece.Start, behavior);
        var lastEnd = 0;
        foreach (var match in matches)
        {
            if (match.Start != lastEnd)
                builder.Add(lastEnd, match.Start, isInverted);
            builder.Add(match.Start, match.End, !isInverted);
            lastEnd = match.End;
        }

        if (lastEnd != piece.Length)
            builder.Add(lastEnd, piece.Length, isInverted);
        builder.Flush();
    }

    /// <summary>
    /// Joins segments (matches, and texts between matches) as the behavior defines, in one pass. The last piece is held back, because the
    /// next segment may join it.
    /// </summary>
    /// <param name="offset">The position in the text from which the segments' positions count.</param>
    private ref struct PieceBuilder(WorkingText text, int offset, SplitBehavior behavior)
    {
        private int _start = -1;
        private int _end;
        private bool _lastIsMatch;

        public void Add(int start, int end, bool isMatch)
        {
            if (behavior == SplitBehavior.Removed && isMatch)
                return;
            if (_start >= 0 && BelongsToLast(isMatch))
            {
                _end = end;
            }
            else
            {
                Flush();
                (_start, _end) = (start, end);
            }

            _lastIsMatch = isMatch;
        }

        public void Flush()
        {
            if (_start >= 0)
                text.AddPart(offset + _start, offset + _end);
            _start = -1;
        }

        private readonly bool BelongsToLast(bool isMatch) => behavior switch
        {
            SplitBehavior.Contiguous => isMatch == _lastIsMatch,
            SplitBehavior.MergedWithPrevious => isMatch && !_lastIsMatch,
            SplitBehavior.MergedWithNext => !isMatch && _lastIsMatch,
            SplitBehavior.Removed or SplitBehavior.Isolated => false,
        };
    }
}
