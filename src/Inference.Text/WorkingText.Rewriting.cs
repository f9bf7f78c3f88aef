using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Inference.Text;

/// <summary>
/// Rewrites the text. A step processes each piece, and copies, replaces, drops or inserts characters. Each character has an original range:
/// its range in the original text. A replacing character has the original range of the replaced character. An inserted character has the
/// original range of the character before it, or an empty range at the start of a piece.
/// </summary>
internal sealed partial class WorkingText
{
    private char[]? _target;
    private int[] _targetStarts = [];
    private int[] _targetEnds = [];
    private int _targetLength;
    private int _sourcePosition;
    private int _sourceStart;
    private int _sourceEnd;
    private int _sourceOrigin;

    /// <summary>The start of the current piece in the new text.</summary>
    private int _targetStart;

    /// <summary>The start of the current piece in the original text.</summary>
    public int OriginOfPiece => _sourceOrigin;

    /// <summary>Rewrites the pieces that are not added tokens.</summary>
    /// <param name="rewrite">Receives the text of a piece, and writes the new text.</param>
    public void Rewrite<TState>(TState state, PieceRewriter<TState> rewrite)
    {
        BeginTarget();
        for (var index = 0; index < Count; index++)
        {
            var piece = _pieces[index];
            (_sourcePosition, _sourceStart, _sourceEnd, _sourceOrigin) = (piece.Start, piece.Start, piece.End, piece.Origin);
            _targetStart = _targetLength;
            ThrowIfCancelled(piece.Length);
            if (piece.IsText)
                rewrite(state, this, TextOf(piece));
            else
                Copy(piece.Length);
            _pieces[index] = piece with { Start = _targetStart, End = _targetLength };
        }

        EndTarget();
        DropEmptyPieces();
    }

    /// <summary>Copies the next code units of the piece to the new text.</summary>
    public void Copy(int count)
    {
        EnsureCapacity(count);
        _chars.AsSpan(_sourcePosition, count).CopyTo(_target.AsSpan(_targetLength));
        if (TracksOrigin)
        {
            _starts.AsSpan(_sourcePosition, count).CopyTo(_targetStarts.AsSpan(_targetLength));
            _ends.AsSpan(_sourcePosition, count).CopyTo(_targetEnds.AsSpan(_targetLength));
        }

        _targetLength += count;
        _sourcePosition += count;
    }

    /// <summary>Replaces the next character of the piece. At the end of the piece, inserts a character.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Replace(int code)
    {
        if (_sourcePosition >= _sourceEnd)
        {
            Insert(code);
            return;
        }

        Write(code, TracksOrigin ? _starts[_sourcePosition] : 0, TracksOrigin ? _ends[_sourcePosition] : 0);
        _sourcePosition += char.IsHighSurrogate(_chars[_sourcePosition]) ? 2 : 1;
    }

    /// <summary>Inserts a character before the next character of the piece.</summary>
    public void Insert(int code)
    {
        if (!TracksOrigin)
            Write(code, 0, 0);
        else if (_sourcePosition == _sourceStart)
            Write(code, _sourceOrigin, _sourceOrigin);
        else
            Write(code, _starts[_sourcePosition - 1], _ends[_sourcePosition - 1]);
    }

    /// <summary>Omits the next characters of the piece from the new text.</summary>
    public void DropCharacters(int count)
    {
        for (; count > 0 && _sourcePosition < _sourceEnd; count--)
            _sourcePosition += char.IsHighSurrogate(_chars[_sourcePosition]) ? 2 : 1;
    }

    /// <summary>Omits the next code units of the piece from the new text.</summary>
    public void DropUnits(int count) => _sourcePosition += count;

    /// <summary>Extends the original range of the first new character of the piece to the start of the piece.</summary>
    public void ExtendFirstToStart()
    {
        if (!TracksOrigin || _targetLength == _targetStart)
            return;
        var size = char.IsHighSurrogate(_target![_targetStart]) ? 2 : 1;
        _targetStarts.AsSpan(_targetStart, size).Fill(_starts[_sourceStart]);
    }

    /// <summary>Writes a character like <see cref="Replace"/> or <see cref="Insert"/>, and drops characters after it.</summary>
    /// <param name="change">
    /// The difference in the number of characters: 1 for an inserted character, 0 for a replaced one. A negative number -n replaces one
    /// character and drops the n characters after it.
    /// </param>
    public void WriteWithChange(int code, int change)
    {
        if (change > 0)
        {
            Insert(code);
            return;
        }

        Replace(code);
        DropCharacters(-change);
    }

    private void Write(int code, int start, int end)
    {
        EnsureCapacity(2);
        var count = 1;
        if (code <= char.MaxValue)
            _target![_targetLength] = (char)code;
        else
            count = new Rune(code).EncodeToUtf16(_target.AsSpan(_targetLength));
        if (TracksOrigin)
        {
            _targetStarts.AsSpan(_targetLength, count).Fill(start);
            _targetEnds.AsSpan(_targetLength, count).Fill(end);
        }

        _targetLength += count;
    }

    private void EnsureCapacity(int count)
    {
        while (_targetLength + count > _target!.Length)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (_targetLength > _limit)
            {
                throw new TokenizerException(
                    $"The tokenizer's normalizer makes the text longer than {_limit} characters, the maximum for its length.");
            }

            Grow(ref _target, _targetLength);
            if (!TracksOrigin)
                continue;
            Grow(ref _targetStarts, _targetLength);
            Grow(ref _targetEnds, _targetLength);
        }
    }

    private void BeginTarget()
    {
        _targetLength = 0;
        var size = Math.Max(16, Length + (Length / 4));
        _target = ArrayPool<char>.Shared.Rent(size);
        if (!TracksOrigin)
            return;
        _targetStarts = ArrayPool<int>.Shared.Rent(_target.Length);
        _targetEnds = ArrayPool<int>.Shared.Rent(_target.Length);
    }

    private void EndTarget()
    {
        ArrayPool<char>.Shared.Return(_chars);
        (_chars, _target, Length) = (_target!, null, _targetLength);
        if (!TracksOrigin)
            return;
        ArrayPool<int>.Shared.Return(_starts);
        ArrayPool<int>.Shared.Return(_ends);
        (_starts, _ends) = (_targetStarts, _targetEnds);
    }

    private void DropEmptyPieces()
    {
        var kept = 0;
        for (var index = 0; index < Count; index++)
        {
            if (_pieces[index].Length > 0)
                _pieces[kept++] = _pieces[index];
        }

        Count = kept;
    }
}

/// <summary>Rewrites one piece of a text with the methods of <see cref="WorkingText"/>.</summary>
internal delegate void PieceRewriter<in TState>(TState state, WorkingText text, ReadOnlySpan<char> piece);
