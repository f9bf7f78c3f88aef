using System.Buffers;

namespace Inference.Text;

/// <summary>
/// The text of one call on its way through normalizers and pre-tokenizers, cut into pieces. Each step rewrites it or cuts the pieces
/// further. On demand it knows of each code unit which range of the original text it stands for.
/// </summary>
internal sealed partial class WorkingText : IDisposable
{
    /// <summary>
    /// Normalizers may make a text so many times as long. The most that a normal form or BERT's blanks need on average is far less;
    /// replacements that stand behind each other multiply.
    /// </summary>
    private const int MostGrowth = 16;

    /// <summary>Code units that every text may have after its normalization.</summary>
    private const int LeastLimit = 1 << 16;

    /// <summary>Code units between two looks at the cancellation token.</summary>
    private const int CancellationInterval = 1 << 14;

    private readonly CancellationToken _cancellationToken;
    private readonly long _limit;
    private char[] _chars;
    private int[] _starts = [];
    private int[] _ends = [];
    private Piece[] _pieces = ArrayPool<Piece>.Shared.Rent(16);
    private Piece[] _cut = ArrayPool<Piece>.Shared.Rent(16);
    private int _cutCount;
    private int _untilCheck = CancellationInterval;

    /// <param name="tracksOrigin">Whether the original ranges are needed.</param>
    public WorkingText(ReadOnlySpan<char> text, bool tracksOrigin, CancellationToken cancellationToken)
    {
        (TracksOrigin, _cancellationToken, Length) = (tracksOrigin, cancellationToken, text.Length);
        _limit = LeastLimit + ((long)MostGrowth * text.Length);
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

    public bool TracksOrigin { get; }

    /// <summary>In UTF-16 code units.</summary>
    public int Length { get; private set; }

    /// <summary>How many pieces there are.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<char> Chars => _chars.AsSpan(0, Length);

    public ReadOnlySpan<Piece> Pieces => _pieces.AsSpan(0, Count);

    public ReadOnlySpan<char> TextOf(in Piece piece) => _chars.AsSpan(piece.Start, piece.Length);

    /// <summary>Where a range began in the original text.</summary>
    public int OriginStart(int start) => _starts[start];

    /// <summary>Where a range ended in the original text.</summary>
    /// <param name="end">Exclusive.</param>
    public int OriginEnd(int end) => _ends[end - 1];

    /// <summary>Cuts the pieces that are text into parts. Added tokens stay as they are.</summary>
    /// <param name="cut">Adds the parts of one piece with <see cref="Cut"/>.</param>
    public void CutPieces<TState>(TState state, CutOfPiece<TState> cut)
    {
        _cutCount = 0;
        foreach (var piece in Pieces)
        {
            if (!piece.IsText)
            {
                Add(piece);
                continue;
            }

            ThrowIfCancelled(piece.Length);
            cut(state, this, piece);
        }

        (_pieces, _cut) = (_cut, _pieces);
        Count = _cutCount;
    }

    /// <summary>Adds a part of a piece. An empty part is dropped.</summary>
    /// <param name="start">In UTF-16 code units of the text as it is now.</param>
    /// <param name="end">Exclusive.</param>
    public void Cut(int start, int end, int token = Piece.NoToken)
    {
        if (start == end)
            return;
        Add(new Piece(start, end, token, TracksOrigin ? _starts[start] : 0));
    }

    /// <summary>Call this for work on some code units, so that long texts end soon after they are cancelled.</summary>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public void ThrowIfCancelled(int work)
    {
        _untilCheck -= work;
        if (_untilCheck > 0)
            return;
        _untilCheck = CancellationInterval;
        _cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_chars);
        ArrayPool<Piece>.Shared.Return(_pieces);
        ArrayPool<Piece>.Shared.Return(_cut);
        if (TracksOrigin)
        {
            ArrayPool<int>.Shared.Return(_starts);
            ArrayPool<int>.Shared.Return(_ends);
        }
    }

    private void Add(in Piece piece)
    {
        if (_cutCount == _cut.Length)
            Grow(ref _cut, _cutCount);
        _cut[_cutCount++] = piece;
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

/// <summary>Cuts one piece of a text into parts with <see cref="WorkingText.Cut"/>.</summary>
internal delegate void CutOfPiece<in TState>(TState state, WorkingText text, in Piece piece);
