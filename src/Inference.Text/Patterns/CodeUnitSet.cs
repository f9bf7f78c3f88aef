using System.Globalization;
using System.Text;
using Inference.Text.Unicode;

namespace Inference.Text.Patterns;

/// <summary>
/// A set of UTF-16 code units, for the classes of a regular expression. Noncharacters represent the characters beyond U+FFFF, one for each
/// general category (<see cref="GetRepresentative"/>).
/// </summary>
internal sealed class CodeUnitSet
{
    private const int Units = 0x10000;

    /// <summary>The first of Unicode's 32 adjacent noncharacters.</summary>
    private const int FirstRepresentative = 0xFDD0;

    private const int LastRepresentative = 0xFDEF;

    /// <summary>Represents ideographs beyond U+FFFF, which \p{Han} matches, unlike other letters.</summary>
    private const int Ideograph = FirstRepresentative + 30;

    /// <summary>Represents letters in circles and squares beyond U+FFFF, which \w matches, unlike other symbols.</summary>
    private const int EnclosedLetter = FirstRepresentative + 31;

    private readonly ulong[] _bits = new ulong[Units / 64];

    /// <summary>Whether a text must be rewritten before it can be matched with such sets.</summary>
    public static bool NeedsRepresentatives(ReadOnlySpan<char> text) =>
        text.IndexOfAnyInRange('\uD800', '\uDFFF') >= 0 || text.IndexOfAnyInRange((char)FirstRepresentative, (char)LastRepresentative) >= 0;

    /// <summary>Returns the code unit that represents a character in the rewritten text.</summary>
    public static char GetRepresentative(int code)
    {
        if (code < Units && code is not (>= FirstRepresentative and <= LastRepresentative))
            return (char)code;
        if (CharacterClass.IsEnclosedLetter(code))
            return (char)EnclosedLetter;
        var data = UnicodeData.Instance;
        var isHan = data.GetScript(code) == data.FindScript("Han");
        return (char)(isHan ? Ideograph : FirstRepresentative + (int)CharUnicodeInfo.GetUnicodeCategory(code));
    }

    /// <summary>Returns the category of a code unit, or of the characters that it represents.</summary>
    public static UnicodeCategory CategoryOf(int unit) => unit switch
    {
        Ideograph => UnicodeCategory.OtherLetter,
        EnclosedLetter => UnicodeCategory.OtherSymbol,
        >= FirstRepresentative and < Ideograph => (UnicodeCategory)(unit - FirstRepresentative),
        _ => CharUnicodeInfo.GetUnicodeCategory((char)unit),
    };

    /// <summary>Whether a code unit represents the ideographs beyond U+FFFF.</summary>
    public static bool IsIdeograph(int unit) => unit == Ideograph;

    /// <summary>Whether a code unit, or the characters that it represents, are alphabetic.</summary>
    public static bool IsAlphabetic(int unit) =>
        unit == EnclosedLetter || CategoryOf(unit) is <= UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber
        || UnicodeData.Instance.Alphabetic.Contains(unit);

    /// <summary>Creates the set of all code units that satisfy a condition.</summary>
    public static CodeUnitSet FromPredicate(Func<int, bool> contains)
    {
        var set = new CodeUnitSet();
        for (var unit = 0; unit < Units; unit++)
        {
            if (contains(unit))
                set.Add(unit, unit);
        }

        return set;
    }

    /// <summary>Adds a range. Both ends are inclusive.</summary>
    public void Add(int first, int last)
    {
        for (var unit = first; unit <= last; unit++)
            _bits[unit >> 6] |= 1UL << unit;
    }

    public void Unite(CodeUnitSet other)
    {
        for (var index = 0; index < _bits.Length; index++)
            _bits[index] |= other._bits[index];
    }

    public void Intersect(CodeUnitSet other)
    {
        for (var index = 0; index < _bits.Length; index++)
            _bits[index] &= other._bits[index];
    }

    public void Invert()
    {
        for (var index = 0; index < _bits.Length; index++)
            _bits[index] = ~_bits[index];
    }

    /// <summary>Writes the set as a class of .NET's regular expressions.</summary>
    public void WriteTo(StringBuilder pattern)
    {
        var start = pattern.Append('[').Length;
        for (var unit = 0; unit < Units; unit++)
        {
            if (!Contains(unit))
                continue;
            var last = unit;
            while (last + 1 < Units && Contains(last + 1))
                last++;
            pattern.Append(CultureInfo.InvariantCulture, $"\\u{unit:X4}");
            if (last > unit)
                pattern.Append(CultureInfo.InvariantCulture, $"-\\u{last:X4}");
            unit = last;
        }

        // .NET has no empty class, so the class excludes every character.
        if (pattern.Length == start)
            pattern.Append("^\\s\\S");
        pattern.Append(']');
    }

    public bool Contains(int unit) => (_bits[unit >> 6] >> unit & 1) != 0;
}
