using System.Buffers;

namespace Inference.Text;

/// <summary>
/// The text of one call while normalizers and pre-tokenizers process it. The text consists of pieces. Each step rewrites the text or splits
/// the pieces further. Optionally, the range in the original text is tracked for each code unit.
/// </summary>
internal sealed partial class WorkingText : IDisposable
{
    /// <summary>
    /// The maximum growth factor during normalization. Normal forms and the spaces that BERT's normalizer inserts need far less on average.
    /// However, the growth factors of several replacing steps multiply.
    /// </summary>
    private const int MaxGrowth = 16;

    /// <summary>The number of code units that is always allowed after normalization.</summary>
    private const int MinLimit = 1 << 16;

    /// <summary>The number of code units between two checks of the cancellation token.</summary>
    private const int CancellationInterval = 1 << 14;

    private readonly CancellationToken _cancellationToken;
    private readonly long _limit;
    private char[] _chars;

    /// <summary>The start in the original text for each code unit; empty when origins are not tracked.</summary>
    private int[] _starts = [];

    /// <summary>The exclusive end in the original text for each code unit; empty when origins are not tracked.</summary>
    private int[] _ends = [];
    private Piece[] _pieces = ArrayPool<Piece>.Shared.Rent(16);

    /// <summary>The pieces that the current step creates.</summary>
    private Piece[] _parts = ArrayPool<Piece>.Shared.Rent(16);
    private int _partCount;
    private int _unitsUntilCheck = CancellationInterval;

    /// <param name="tracksOrigin">Whether original ranges are needed.</param>
    public WorkingText(ReadOnlySpan<char> text, bool tracksOrigin, CancellationToken cancellationToken)
    {
        (TracksOrigin, _cancellationToken, Length) = (tracksOrigin, cancellationToken, text.Length);
        _limit = MinLimit + ((long)MaxGrowth * text.Length);
        _chars = ArrayPool<char>.Shared.Rent(Math.Max(1, text.Length));
        text.CopyTo(_chars);
        ReplaceUnpairedSurrogates(_chars.AsSpan(0, Length));
        if (tracksOrigin)
        {
            _starts = ArrayPool<int>.Shared.Rent(Math.Max(1, text.Length));
            _ends = ArrayPool<int>.Shared.Rent(Math.Max(1, text.Length));
            TrackIdentity();
        }

        Count = text.IsEmpty ? 0 : 1;
        _pieces[0] = new Piece(0, Length, Piece.NoToken, 0);
    }

    /// <summary>Whether the range in the original text is tracked.</summary>
    public bool TracksOrigin { get; }

    /// <summary>The length in UTF-16 code units.</summary>
    public int Length { get; private set; }

    /// <summary>The number of pieces.</summary>
    public int Count { get; private set; }

    /// <summary>The current text, valid until the next rewrite.</summary>
    public ReadOnlySpan<char> Chars => _chars.AsSpan(0, Length);

    /// <summary>The pieces of the current text, in order.</summary>
    public ReadOnlySpan<Piece> Pieces => _pieces.AsSpan(0, Count);

    public ReadOnlySpan<char> TextOf(in Piece piece) => _chars.AsSpan(piece.Start, piece.Length);

    /// <summary>Converts the start of a range in the current text to a position in the original text.</summary>
    public int OriginStart(int start) => _starts[start];

    /// <summary>Converts the end of a range in the current text to a position in the original text.</summary>
    /// <param name="end">The exclusive end in the current text.</param>
    public int OriginEnd(int end) => _ends[end - 1];

    /// <summary>Splits the pieces that are not added tokens into parts.</summary>
    /// <param name="splitPiece">Adds the parts of one piece with <see cref="AddPart"/>.</param>
    public void SplitPieces<TState>(TState state, PieceSplitter<TState> splitPiece)
    {
        _partCount = 0;
        foreach (var piece in Pieces)
        {
            if (!piece.IsText)
            {
                Add(piece);
                continue;
            }

            ThrowIfCancelled(piece.Length);
            splitPiece(state, this, piece);
        }

        (_pieces, _parts) = (_parts, _pieces);
        Count = _partCount;
    }

    /// <summary>Sets the origin of each piece to the place of its first character in the original text.</summary>
    public void UpdateOrigins()
    {
        if (TracksOrigin)
            SplitPieces(0, static (_, text, in piece) => text.AddPart(piece.Start, piece.End));
    }

    /// <summary>Adds a part of a piece. An empty part is dropped.</summary>
    /// <param name="start">The start in UTF-16 code units of the current text.</param>
    /// <param name="end">The exclusive end.</param>
    public void AddPart(int start, int end, int token = Piece.NoToken)
    {
        if (start == end)
            return;
        Add(new Piece(start, end, token, TracksOrigin ? _starts[start] : 0));
    }

    /// <summary>
    /// Counts the processed code units and checks the cancellation token at intervals. The work on a long text therefore ends soon after
    /// a cancellation.
    /// </summary>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    /// <param name="work">The number of code units to count.</param>
    public void ThrowIfCancelled(int work)
    {
        _unitsUntilCheck -= work;
        if (_unitsUntilCheck > 0)
            return;
        _unitsUntilCheck = CancellationInterval;
        _cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_chars);
        ArrayPool<Piece>.Shared.Return(_pieces);
        ArrayPool<Piece>.Shared.Return(_parts);
        if (TracksOrigin)
        {
            ArrayPool<int>.Shared.Return(_starts);
            ArrayPool<int>.Shared.Return(_ends);
        }
    }

    private void Add(in Piece piece)
    {
        if (_partCount == _parts.Length)
            Grow(ref _parts, _partCount);
        _parts[_partCount++] = piece;
    }

    private void TrackIdentity()
    {
        for (var index = 0; index < Length; index++)
        {
            var isPair = char.IsHighSurrogate(_chars[index]);
            _starts[index] = index;
            _ends[index] = index + (isPair ? 2 : 1);
            if (!isPair)
                continue;
            (_starts[index + 1], _ends[index + 1]) = (index, index + 2);
            index++;
        }
    }

    private static void ReplaceUnpairedSurrogates(Span<char> text)
    {
        const char Replacement = '\uFFFD';
        for (var index = text.IndexOfAnyInRange('\uD800', '\uDFFF'); index >= 0 && index < text.Length; index++)
        {
            if (!char.IsSurrogate(text[index]))
                continue;
            if (char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]))
                index++;
            else
                text[index] = Replacement;
        }
    }

    private static void Grow<T>(ref T[] array, int used)
    {
        var larger = ArrayPool<T>.Shared.Rent(array.Length * 2);
        Array.Copy(array, larger, used);
        ArrayPool<T>.Shared.Return(array);
        array = larger;
    }
}

/// <summary>Splits one piece of a text into parts with <see cref="WorkingText.AddPart"/>.</summary>
internal delegate void PieceSplitter<in TState>(TState state, WorkingText text, in Piece piece);
