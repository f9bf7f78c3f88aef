using System.Globalization;
using Inference.Text.Unicode;

namespace Inference.Text.Patterns;

/// <summary>The named classes of Oniguruma: general categories, scripts and POSIX brackets.</summary>
internal static class PropertySets
{
    /// <summary>The class \s.</summary>
    public static readonly CodeUnitSet Whitespace = CodeUnitSet.FromPredicate(CharacterClass.IsWhitespace);

    /// <summary>The class \w. Unlike \w of the regex crate, this class contains the numbers of Latin 1 and no joiners.</summary>
    public static readonly CodeUnitSet Word = CodeUnitSet.FromPredicate(code =>
        code is 0xB2 or 0xB3 or 0xB9 or 0xBC or 0xBD or 0xBE || IsWordInClass(code));

    /// <summary>The class \w inside brackets, where the class does not contain the numbers of Latin 1.</summary>
    private static readonly CodeUnitSet WordInClass = CodeUnitSet.FromPredicate(IsWordInClass);

    /// <summary>The categories in the order of <see cref="UnicodeCategory"/>.</summary>
    private static readonly string[] Categories =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe",
        "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Cn",
    ];

    /// <summary>Returns the class of a name between colons, such as [:alpha:].</summary>
    /// <returns>Null when there is no class with the name.</returns>
    public static CodeUnitSet? TryGetPosix(string name) => name switch
    {
        "punct" => CodeUnitSet.FromPredicate(code => IsInCategory(code, "P") || IsInCategory(code, "S")),
        "alnum" or "alpha" or "ascii" or "blank" or "cntrl" or "digit" or "lower" or "space" or "upper" or "word" or "xdigit" =>
            TryGetProperty(name, isInClass: true),
        _ => null,
    };

    /// <summary>Returns the class of a property, such as \p{L}.</summary>
    /// <param name="isInClass">Whether the property is inside brackets.</param>
    /// <returns>Null when there is no class with the name.</returns>
    public static CodeUnitSet? TryGetProperty(string name, bool isInClass)
    {
        var plain = Simplify(name);
        if (FindCategory(plain) is { } category)
            return CodeUnitSet.FromPredicate(code => IsInCategory(code, category));
        return plain switch
        {
            "space" => Whitespace,
            "word" => isInClass ? WordInClass : Word,
            "any" => CodeUnitSet.FromPredicate(_ => true),
            "ascii" => CodeUnitSet.FromPredicate(code => code < 128),
            "alpha" or "alphabetic" => CodeUnitSet.FromPredicate(CharacterClass.IsAlphabetic),
            "alnum" => CodeUnitSet.FromPredicate(code => CharacterClass.IsAlphabetic(code) || IsInCategory(code, "Nd")),
            "upper" => CodeUnitSet.FromPredicate(LetterCase.IsUppercase),
            "lower" => CodeUnitSet.FromPredicate(LetterCase.IsLowercase),
            "blank" => CodeUnitSet.FromPredicate(code => code == '\t' || IsInCategory(code, "Zs")),
            "xdigit" => CodeUnitSet.FromPredicate(code => code < 128 && char.IsAsciiHexDigit((char)code)),
            _ => FindScript(name),
        };
    }

    /// <summary>Returns the start of the short names of the categories that a simplified name means; null for other names.</summary>
    private static string? FindCategory(string plain) => plain switch
    {
        "letter" => "L",
        "mark" or "combiningmark" => "M",
        "number" => "N",
        "punctuation" or "punct" => "P",
        "symbol" => "S",
        "separator" => "Z",
        "other" => "C",
        "uppercaseletter" => "Lu",
        "lowercaseletter" => "Ll",
        "decimalnumber" or "digit" => "Nd",
        "control" or "cntrl" => "Cc",
        "nonspacingmark" => "Mn",
        _ => Array.Exists(Categories, category => plain == Simplify(category) || plain == Simplify(category[..1])) ? plain : null,
    };

    private static CodeUnitSet? FindScript(string name)
    {
        var data = UnicodeData.Instance;
        var script = data.FindScript(name);
        return script == 0 ? null : CodeUnitSet.FromPredicate(code => data.GetScript(code) == script);
    }

    private static bool IsWordInClass(int code) =>
        CharacterClass.IsAlphabetic(code)
        || CharacterClass.Category(code) is <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation;

    private static bool IsInCategory(int code, string prefix) =>
        Categories[(int)CharacterClass.Category(code)].StartsWith(prefix, StringComparison.OrdinalIgnoreCase);

    /// <summary>Simplifies a name, because names ignore case, spaces and underscores.</summary>
    private static string Simplify(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant();
}
