using System.Globalization;
using Inference.Text.Unicode;

namespace Inference.Text.Patterns;

/// <summary>
/// Represents the characters beyond U+FFFF by surrogates, because .NET's regular expressions match single code units. One surrogate
/// represents all characters that no named class tells apart.
/// </summary>
internal static class SupplementaryCharacters
{
    private const int FirstUnit = 0xD800;

    /// <summary>Ranges with characters of all kinds. Beyond them, all characters are unassigned or for private use.</summary>
    private static readonly (int First, int Last)[] Ranges = [(0x10000, 0x3FFFF), (0xE0000, 0xE0FFF), (0xF0000, 0xF0000)];

    /// <summary>One character of each kind. The first one is represented by the first surrogate, and so on.</summary>
    private static readonly int[] Samples =
        [.. Ranges.SelectMany(range => Enumerable.Range(range.First, range.Last - range.First + 1)).DistinctBy(KindOf)];

    private static readonly Dictionary<Kind, int> Units =
        Samples.Index().ToDictionary(sample => KindOf(sample.Item), sample => FirstUnit + sample.Index);

    /// <summary>Whether a text has such characters, so that it must be rewritten before it can be matched.</summary>
    public static bool ArePresent(ReadOnlySpan<char> text) => text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0;

    /// <summary>Returns the code unit that represents a character in the rewritten text.</summary>
    public static char GetUnit(int code)
    {
        const char Replacement = '\uFFFD';
        if (code > char.MaxValue)
            return (char)Units[KindOf(code)];
        return char.IsSurrogate((char)code) ? Replacement : (char)code;
    }

    /// <summary>Returns the character that a code unit represents, or one of them if it represents several.</summary>
    public static int GetSample(int unit) => unit >= FirstUnit && unit < FirstUnit + Samples.Length ? Samples[unit - FirstUnit] : unit;

    private static Kind KindOf(int code) => new(
        CharacterClass.Category(code),
        UnicodeData.Instance.GetScript(code),
        CharacterClass.IsAlphabetic(code),
        LetterCase.IsLowercase(code));

    /// <summary>The properties by which named classes tell the characters apart.</summary>
    private readonly record struct Kind(UnicodeCategory Category, int Script, bool IsAlphabetic, bool IsLowercase);
}
