using System.Globalization;
using Inference.Text.Unicode;

namespace Inference.Text.Patterns;

/// <summary>The named classes of Oniguruma: general categories, scripts and POSIX brackets.</summary>
internal static class PropertySets
{
    /// <summary>The class \s.</summary>
    public static readonly CodeUnitSet Whitespace = CodeUnitSet.FromPredicate(CharacterClass.IsWhitespace);

    /// <summary>The class \w. Unlike \w of the regex crate, this class contains the numbers of Latin 1 and no joiners.</summary>
    public static readonly CodeUnitSet Word = CodeUnitSet.FromPredicate(unit =>
        unit is 0xB2 or 0xB3 or 0xB9 or 0xBC or 0xBD or 0xBE
        || CodeUnitSet.IsAlphabetic(unit)
        || CodeUnitSet.CategoryOf(unit) is <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation);

    /// <summary>The categories in the order of <see cref="UnicodeCategory"/>.</summary>
    private static readonly string[] Categories =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe",
        "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    /// <returns>Null when there is no class with the name.</returns>
    public static CodeUnitSet? TryGet(string name)
    {
        var plain = Simplify(name);
        var prefix = plain switch
        {
            "letter" => "L",
            "mark" or "combiningmark" => "M",
            "number" => "N",
            "punctuation" or "punct" => "P",
            "symbol" => "S",
            "separator" => "Z",
            "other" => "C",
            "uppercaseletter" or "upper" => "Lu",
            "lowercaseletter" or "lower" => "Ll",
            "decimalnumber" or "digit" => "Nd",
            "control" or "cntrl" => "Cc",
            "nonspacingmark" => "Mn",
            _ => Array.Find(Categories, category => plain == Simplify(category) || plain == Simplify(category[..1])) is null ? null : name,
        };
        if (prefix is not null)
            return FromCategory(prefix, includesAsciiSymbols: plain is "punct");
        return plain switch
        {
            "space" => Whitespace,
            "word" => Word,
            "any" => CodeUnitSet.FromPredicate(_ => true),
            "ascii" => CodeUnitSet.FromPredicate(unit => unit < 128),
            "alpha" or "alphabetic" => CodeUnitSet.FromPredicate(CodeUnitSet.IsAlphabetic),
            "alnum" => CodeUnitSet.FromPredicate(unit => CodeUnitSet.IsAlphabetic(unit) || IsInCategory(unit, "Nd")),
            "blank" => CodeUnitSet.FromPredicate(unit => unit == '\t' || IsInCategory(unit, "Zs")),
            "xdigit" => CodeUnitSet.FromPredicate(unit => unit < 128 && char.IsAsciiHexDigit((char)unit)),
            _ => FindScript(name),
        };
    }

    /// <param name="includesAsciiSymbols">Whether the set also has the ASCII symbols, as the POSIX class punct does.</param>
    private static CodeUnitSet FromCategory(string prefix, bool includesAsciiSymbols) => CodeUnitSet.FromPredicate(unit =>
        IsInCategory(unit, prefix) || (includesAsciiSymbols && unit < 128 && IsInCategory(unit, "S")));

    private static CodeUnitSet? FindScript(string name)
    {
        var data = UnicodeData.Instance;
        var script = data.FindScript(name[(name.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        if (script == 0)
            return null;
        var isHan = script == data.FindScript("Han");
        return CodeUnitSet.FromPredicate(unit => data.GetScript(unit) == script || (isHan && CodeUnitSet.IsIdeograph(unit)));
    }

    private static bool IsInCategory(int unit, string prefix) =>
        Categories[(int)CodeUnitSet.CategoryOf(unit)].StartsWith(prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Simplifies a name, because names ignore case, spaces and underscores.</summary>
    private static string Simplify(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
}
