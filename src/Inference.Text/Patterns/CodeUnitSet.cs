using System.Globalization;
using System.Text;
using Inference.Text.Unicode;

namespace Inference.Text.Patterns;

/// <summary>
/// A set of UTF-16 code units, for the classes of a regular expression. Surrogates represent the characters beyond U+FFFF
/// (<see cref="SupplementaryCharacters"/>).
/// </summary>
internal sealed class CodeUnitSet
{
    private const int Units = 0x10000;

    /// <summary>The groups of code units that are equal when case is ignored.</summary>
    private static readonly Lazy<int[][]> CaseForms = new(() =>
    [
        .. Enumerable.Range(0, Units)
            .Where(unit => Rune.IsValid(SupplementaryCharacters.GetSample(unit)))
            .GroupBy(unit => SupplementaryCharacters.GetUnit(LetterCase.Fold(SupplementaryCharacters.GetSample(unit))))
            .Where(forms => forms.Skip(1).Any())
            .Select(forms => forms.ToArray()),
    ]);

    private readonly ulong[] _bits = new ulong[Units / 64];

    /// <summary>Creates the set of all characters that satisfy a condition.</summary>
    public static CodeUnitSet FromPredicate(Func<int, bool> contains)
    {
        var set = new CodeUnitSet();
        for (var unit = 0; unit < Units; unit++)
        {
            if (contains(SupplementaryCharacters.GetSample(unit)))
                set.AddUnit(unit);
        }

        return set;
    }

    /// <summary>Adds a range of characters up to U+FFFF. Both ends are inclusive.</summary>
    public void Add(int first, int last)
    {
        for (var unit = first; unit <= last; unit++)
        {
            if (!char.IsSurrogate((char)unit))
                AddUnit(unit);
        }
    }

    /// <summary>Adds the characters that are equal to one of the set when case is ignored.</summary>
    public void AddCaseForms()
    {
        foreach (var forms in CaseForms.Value)
        {
            if (Array.Exists(forms, Contains))
                Array.ForEach(forms, AddUnit);
        }
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

    private void AddUnit(int unit) => _bits[unit >> 6] |= 1UL << unit;

    private bool Contains(int unit) => (_bits[unit >> 6] >> unit & 1) != 0;
}
