using System.Buffers;
using Inference.Text.Unicode;

namespace Inference.Text.Normalization;

/// <summary>
/// The decomposed characters of a text. After each starter (a character of combining class 0), the marks are in canonical order.
/// </summary>
internal ref struct Decomposition
{
    private Part[] _parts;
    private int _count;

    /// <summary>Decomposes a piece of text and sorts its marks.</summary>
    /// <param name="isCompatible">Whether to use compatibility decompositions.</param>
    /// <param name="text">The text that contains the piece, used only to check for cancellation.</param>
    public Decomposition(ReadOnlySpan<char> piece, bool isCompatible, WorkingText text)
    {
        _parts = ArrayPool<Part>.Shared.Rent(Math.Max(16, piece.Length * 2));
        _count = 0;
        var data = UnicodeData.Instance;
        for (var index = 0; index < piece.Length;)
        {
            var code = CharacterClass.CodePointAt(piece, index, out var size);
            Add(data, code, isCompatible);
            index += size;
        }

        Sort(text);
    }

    /// <summary>The decomposed characters, valid until disposal.</summary>
    public readonly ReadOnlySpan<Part> Parts => _parts.AsSpan(0, _count);

    public readonly void Dispose() => ArrayPool<Part>.Shared.Return(_parts);

    private void Add(UnicodeData data, int code, bool isCompatible)
    {
        if (Hangul.IsSyllable(code))
        {
            Span<int> parts = stackalloc int[3];
            Add(data, parts[..Hangul.Decompose(code, parts)]);
        }
        else if (data.Decompose(code, isCompatible) is { } parts)
        {
            Add(data, parts);
        }
        else
        {
            Add(new Part(code, (byte)data.CombiningClass(code), 0));
        }
    }

    private void Add(UnicodeData data, scoped ReadOnlySpan<int> parts)
    {
        for (var index = 0; index < parts.Length; index++)
            Add(new Part(parts[index], (byte)data.CombiningClass(parts[index]), index == 0 ? 0 : 1));
    }

    private void Add(Part part)
    {
        if (_count == _parts.Length)
        {
            var larger = ArrayPool<Part>.Shared.Rent(_count * 2);
            Array.Copy(_parts, larger, _count);
            ArrayPool<Part>.Shared.Return(_parts);
            _parts = larger;
        }

        _parts[_count++] = part;
    }

    /// <summary>Sorts each run of marks by class. Marks of the same class keep their order.</summary>
    private readonly void Sort(WorkingText text)
    {
        for (var start = 0; start < _count; start++)
        {
            if (_parts[start].Class == 0)
                continue;
            var end = start + 1;
            while (end < _count && _parts[end].Class != 0)
                end++;
            SortStably(_parts.AsSpan(start, end - start));
            text.ThrowIfCancelled(end - start);
            start = end;
        }
    }

    /// <summary>Uses a counting sort, because a run can be as long as the text.</summary>
    private static void SortStably(Span<Part> marks)
    {
        const int ClassCount = 256;
        if (marks.Length < 2)
            return;
        Span<int> offsets = stackalloc int[ClassCount + 1];
        offsets.Clear();
        foreach (var mark in marks)
            offsets[mark.Class + 1]++;
        for (var index = 1; index <= ClassCount; index++)
            offsets[index] += offsets[index - 1];
        var copy = ArrayPool<Part>.Shared.Rent(marks.Length);
        marks.CopyTo(copy);
        foreach (var mark in copy.AsSpan(0, marks.Length))
            marks[offsets[mark.Class]++] = mark;
        ArrayPool<Part>.Shared.Return(copy);
    }

    /// <param name="Class">The canonical combining class.</param>
    /// <param name="Change">0 for the first part of a character, 1 for its other parts; see
    /// <see cref="WorkingText.WriteWithChange"/>.</param>
    internal readonly record struct Part(int Code, byte Class, int Change);
}
