using System.Buffers;
using System.Text;
using Inference.Text.Unicode;

namespace Inference.Text.Normalization;

/// <summary>Unicode's normalization forms (Unicode Standard Annex 15) of Unicode 9.</summary>
internal sealed class UnicodeNormalizer : Normalizer
{
    /// <summary>Normalization form D.</summary>
    public static readonly UnicodeNormalizer Decomposed = new(isCompatible: false, composes: false);

    /// <summary>Normalization form C.</summary>
    public static readonly UnicodeNormalizer Composed = new(isCompatible: false, composes: true);

    /// <summary>Normalization form KD.</summary>
    public static readonly UnicodeNormalizer CompatiblyDecomposed = new(isCompatible: true, composes: false);

    /// <summary>Normalization form KC.</summary>
    public static readonly UnicodeNormalizer CompatiblyComposed = new(isCompatible: true, composes: true);

    private readonly bool _isCompatible;
    private readonly bool _composes;

    /// <param name="isCompatible">Whether to use compatibility decompositions (NFKC, NFKD).</param>
    /// <param name="composes">Whether to compose characters after the decomposition (NFC, NFKC).</param>
    private UnicodeNormalizer(bool isCompatible, bool composes) => (_isCompatible, _composes) = (isCompatible, composes);

    public override void Normalize(WorkingText text)
    {
        if (!Ascii.IsValid(text.Chars))
            text.Rewrite(this, static (normalizer, text, piece) => normalizer.Normalize(text, piece));
    }

    private void Normalize(WorkingText text, ReadOnlySpan<char> piece)
    {
        if (Ascii.IsValid(piece))
        {
            text.Copy(piece.Length);
            return;
        }

        using var parts = new Decomposition(piece, _isCompatible, text);
        if (_composes)
            Compose(text, parts.Parts);
        else
            Write(text, parts.Parts);
    }

    private static void Write(WorkingText text, ReadOnlySpan<Decomposition.Part> parts)
    {
        foreach (var part in parts)
            text.WriteWithChange(part.Code, part.Change);
    }

    /// <summary>Composes each starter (a character of combining class 0) with the characters after it that are not blocked.</summary>
    private static void Compose(WorkingText text, ReadOnlySpan<Decomposition.Part> parts)
    {
        var marks = ArrayPool<Decomposition.Part>.Shared.Rent(parts.Length);
        Decomposition.Part? starter = null;
        var (count, lastClass) = (0, -1);
        foreach (var part in parts)
        {
            if (starter is not { } first)
            {
                if (part.Class == 0)
                    starter = part;
                else
                    text.WriteWithChange(part.Code, part.Change);
                continue;
            }

            // A character is blocked if there is a mark of the same or a higher class between the starter and the character.
            var isBlocked = lastClass >= part.Class && lastClass >= 0;
            if (!isBlocked && UnicodeData.Instance.Compose(first.Code, part.Code) is >= 0 and var composed)
            {
                // The composed character replaces two characters, so its change is the sum of their changes minus 1.
                starter = new Decomposition.Part(composed, 0, first.Change + part.Change - 1);
                continue;
            }

            if (part.Class == 0)
            {
                Flush(text, first, marks.AsSpan(0, count));
                (starter, count, lastClass) = (part, 0, -1);
                continue;
            }

            marks[count++] = part;
            lastClass = part.Class;
        }

        if (starter is { } last)
            Flush(text, last, marks.AsSpan(0, count));
        ArrayPool<Decomposition.Part>.Shared.Return(marks);
    }

    private static void Flush(WorkingText text, in Decomposition.Part starter, ReadOnlySpan<Decomposition.Part> marks)
    {
        text.WriteWithChange(starter.Code, starter.Change);
        Write(text, marks);
    }
}
