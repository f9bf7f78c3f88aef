using System.Globalization;
using System.Text;
using Inference.Text.Unicode;

namespace Inference.Text;

/// <summary>Converts texts to lower case as Python does. Sentence Transformers lowercases texts with Python before the tokenizer.</summary>
public static class TextCasing
{
    private const char Sigma = '\u03A3';
    private const char FinalSigma = '\u03C2';
    private const char DottedI = '\u0130';

    /// <summary>
    /// Converts a text to lower case. In addition to the mapping of single letters, a sigma at the end of a word becomes a final sigma, and
    /// a capital I with a dot becomes an i and a combining dot.
    /// </summary>
    public static string ToLower(string text)
    {
        // Both strings have the same length.
        var lower = text.ToLowerInvariant();
        if (!text.AsSpan().ContainsAny(Sigma, DottedI))
            return lower;
        var builder = new StringBuilder(lower.Length + 1);
        for (var index = 0; index < text.Length; index++)
        {
            if (text[index] == DottedI)
                builder.Append("i\u0307");
            else if (text[index] == Sigma && EndsWithCased(text.AsSpan(0, index)) && !StartsWithCased(text.AsSpan(index + 1)))
                builder.Append(FinalSigma);
            else
                builder.Append(lower[index]);
        }

        return builder.ToString();
    }

    /// <summary>Whether the last character that is not ignored is a cased letter.</summary>
    private static bool EndsWithCased(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            Rune.DecodeLastFromUtf16(text, out var character, out var size);
            if (!IsIgnored(character))
                return IsCased(character);
            text = text[..^size];
        }

        return false;
    }

    /// <summary>Whether the first character that is not ignored is a cased letter.</summary>
    private static bool StartsWithCased(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf16(text, out var character, out var size);
            if (!IsIgnored(character))
                return IsCased(character);
            text = text[size..];
        }

        return false;
    }

    /// <summary>Whether a character has Unicode's property Cased.</summary>
    private static bool IsCased(Rune character) =>
        Rune.GetUnicodeCategory(character) is UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter
            or UnicodeCategory.TitlecaseLetter
        || character.Value is 0xAA or 0xBA or (>= 0x2160 and <= 0x217F) || CharacterClass.IsEnclosedLetter(character.Value);

    /// <summary>Whether a character has Unicode's property Case_Ignorable: a mark or a sign that may be within a word.</summary>
    private static bool IsIgnored(Rune character) =>
        Rune.GetUnicodeCategory(character) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format
            or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol
        || character.Value is '\'' or '.' or ':' or 0xB7 or 0x387 or 0x55F or 0x5F4 or 0x2018 or 0x2019 or 0x2024 or 0x2027 or 0xFE13
            or 0xFE52 or 0xFE55 or 0xFF07 or 0xFF0E or 0xFF1A;
}
