using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Inference.Text.Unicode;

/// <summary>The classes of characters that tokenizers use, as Rust, its regex crate and Oniguruma define them.</summary>
internal static class CharacterClass
{
    /// <summary>Returns the code point at a position of a text without unpaired surrogates.</summary>
    /// <param name="size">The number of UTF-16 code units of the code point: 1 or 2.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CodePointAt(ReadOnlySpan<char> text, int index, out int size)
    {
        var first = text[index];
        if (!char.IsHighSurrogate(first) || index + 1 >= text.Length)
        {
            size = 1;
            return first;
        }

        size = 2;
        return char.ConvertToUtf32(first, text[index + 1]);
    }

    /// <summary>Returns the code point that ends before a position of a text without unpaired surrogates.</summary>
    public static int CodePointBefore(ReadOnlySpan<char> text, int end) =>
        char.IsLowSurrogate(text[end - 1]) && end > 1 ? char.ConvertToUtf32(text[end - 2], text[end - 1]) : text[end - 1];

    /// <summary>Returns the number of code points of a text without unpaired surrogates.</summary>
    public static int CountCodePoints(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var character in text)
            count += char.IsLowSurrogate(character) ? 0 : 1;
        return count;
    }

    /// <summary>Whether the character is in Unicode's White_Space.</summary>
    public static bool IsWhitespace(int code) => code <= char.MaxValue && char.IsWhiteSpace((char)code);

    /// <summary>Whether the character is in \p{L}.</summary>
    public static bool IsLetter(int code) => code < 128 ? char.IsAsciiLetter((char)code) : Category(code) <= UnicodeCategory.OtherLetter;

    /// <summary>Whether the character is in Unicode's Alphabetic.</summary>
    public static bool IsAlphabetic(int code) =>
        Category(code) is <= UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber || UnicodeData.Instance.Alphabetic.Contains(code);

    /// <summary>Whether the character is in \p{N}.</summary>
    public static bool IsNumber(int code) =>
        code < 128
            ? char.IsAsciiDigit((char)code)
            : Category(code) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    /// <summary>Whether Rust's char::is_numeric is true for the character. Unicode 17 added the two ranges in the code.</summary>
    public static bool IsNumeric(int code) => IsNumber(code) || code is >= 0x11DE0 and <= 0x11DE9 or >= 0x16FF4 and <= 0x16FF6;

    /// <summary>Whether the character is in \w of the regex crate: alphabetic characters, marks, digits, connectors and joiners.</summary>
    public static bool IsWord(int code)
    {
        if (code < 128)
            return char.IsAsciiLetterOrDigit((char)code) || code == '_';
        return Category(code) switch
        {
            <= UnicodeCategory.LetterNumber => true,
            UnicodeCategory.ConnectorPunctuation => true,
            UnicodeCategory.Format => code is 0x200C or 0x200D,
            UnicodeCategory.OtherSymbol => IsEnclosedLetter(code),
            _ => false,
        };
    }

    /// <summary>Whether the character is an ASCII punctuation mark or symbol, or Unicode punctuation.</summary>
    public static bool IsPunctuation(int code) =>
        code < 128 ? code > ' ' && code != 0x7F && !char.IsAsciiLetterOrDigit((char)code) : UnicodeData.Instance.Punctuation.Contains(code);

    public static UnicodeCategory Category(int code) => CharUnicodeInfo.GetUnicodeCategory(code);

    /// <summary>Converts to lower case as Rust's char::to_lowercase of Unicode 17 does. Only İ becomes two characters.</summary>
    /// <param name="second">The second character; -1 when there is none.</param>
    public static int ToLower(int code, out int second)
    {
        second = -1;
        if (code < 128)
            return code is >= 'A' and <= 'Z' ? code | 0x20 : code;
        switch (code)
        {
            case 0x130:
                second = 0x307;
                return 'i';
            // The letters of these two cases are new in Unicode 17.
            case 0xA7CE or 0xA7D2 or 0xA7D4:
                return code + 1;
            case >= 0x16EA0 and <= 0x16EB8:
                return code + 0x1B;
            default:
                return Rune.ToLowerInvariant(new Rune(code)).Value;
        }
    }

    /// <summary>Whether the character is a circled, squared or negative letter, which is an alphabetic symbol.</summary>
    public static bool IsEnclosedLetter(int code) =>
        code is (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);
}
