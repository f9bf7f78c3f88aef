using System.Text;
using Inference.Text.Unicode;

namespace Inference.Text.Normalization;

/// <summary>Lowercases each letter independently of its context.</summary>
internal sealed class LowercaseNormalizer : Normalizer
{
    public override void Normalize(WorkingText text) => text.Rewrite(0, static (_, text, piece) => Lower(text, piece));

    /// <summary>Lowercases one piece of a text.</summary>
    public static void Lower(WorkingText text, ReadOnlySpan<char> piece)
    {
        for (var index = 0; index < piece.Length;)
        {
            var code = CharacterClass.CodePointAt(piece, index, out var size);
            text.Replace(CharacterClass.ToLower(code, out var second));
            if (second >= 0)
                text.Insert(second);
            index += size;
        }
    }
}

/// <summary>Drops combining marks.</summary>
internal sealed class StripAccentsNormalizer : Normalizer
{
    public override void Normalize(WorkingText text)
    {
        if (!Ascii.IsValid(text.Chars))
            text.Rewrite(UnicodeData.Instance.CombiningMarks, Strip);
    }

    /// <summary>Drops the characters of a set.</summary>
    public static void Strip(CodePointSet marks, WorkingText text, ReadOnlySpan<char> piece)
    {
        for (var index = 0; index < piece.Length;)
        {
            var code = CharacterClass.CodePointAt(piece, index, out var size);
            if (marks.Contains(code))
                text.DropUnits(size);
            else
                text.Copy(size);
            index += size;
        }
    }
}

/// <summary>Removes whitespace at the ends.</summary>
/// <param name="left">Whether to remove whitespace at the start.</param>
/// <param name="right">Whether to remove whitespace at the end.</param>
internal sealed class StripNormalizer(bool left, bool right) : Normalizer
{
    public override void Normalize(WorkingText text) =>
        text.Rewrite((left, right), static (sides, text, piece) =>
        {
            var kept = piece;
            if (sides.left)
                kept = kept.TrimStart();
            text.DropUnits(piece.Length - kept.Length);
            text.Copy(sides.right ? kept.TrimEnd().Length : kept.Length);
        });
}

/// <summary>Inserts a prefix before each piece.</summary>
internal sealed class PrependNormalizer(string prefix) : Normalizer
{
    public override void Normalize(WorkingText text) => text.Rewrite(prefix, Prepend);

    /// <summary>
    /// Inserts the prefix. All characters of the prefix have the original range of the piece's first character.
    /// </summary>
    public static void Prepend(string prefix, WorkingText text, ReadOnlySpan<char> piece)
    {
        if (prefix.Length == 0 || piece.IsEmpty)
        {
            text.Copy(piece.Length);
            return;
        }

        var first = CharacterClass.CodePointAt(piece, 0, out var size);
        var isReplaced = false;
        foreach (var rune in prefix.EnumerateRunes())
        {
            if (isReplaced)
                text.Insert(rune.Value);
            else
                text.Replace(rune.Value);
            isReplaced = true;
        }

        text.Insert(first);
        text.Copy(piece.Length - size);
    }
}

/// <summary>
/// The normalizer of translation models (NMT), which removes some control characters and converts other invisible characters to spaces.
/// </summary>
internal sealed class NmtNormalizer : Normalizer
{
    public override void Normalize(WorkingText text) => text.Rewrite(0, static (_, text, piece) =>
    {
        foreach (var character in piece)
        {
            switch (character)
            {
                case (>= '\u0001' and <= '\u0008') or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F' or '\u008F' or '\u009F':
                    text.DropUnits(1);
                    break;
                case '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F'):
                case '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD':
                    text.Replace(' ');
                    break;
                default:
                    text.Copy(1);
                    break;
            }
        }
    });
}

/// <summary>Converts each byte of the UTF-8 text to a visible character.</summary>
internal sealed class ByteLevelNormalizer : Normalizer
{
    public override void Normalize(WorkingText text) => text.Rewrite(0, static (_, text, piece) => ByteCharacters.Write(text, piece));
}
