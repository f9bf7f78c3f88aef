using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>
/// Reads declarations and imports in the text of a C# file. It relies on file-scoped namespaces, so that only top-level types start a line.
/// </summary>
internal static partial class CSharpText
{
    private const string Import = @"using (?:static )?(?:\w+ = )?(?<name>[\w.]+)(?:<.*>)?;";

    /// <summary>Gets the full names of the top-level types that the file declares, without type parameters.</summary>
    public static IEnumerable<string> Types(string text)
    {
        var prefix = string.Concat(Names(Namespace().Matches(text)).Select(scope => $"{scope}."));
        return Names(Type().Matches(text)).Select(type => prefix + type).Distinct();
    }

    /// <summary>Gets the full names of the namespaces and types that the file imports for itself.</summary>
    public static IEnumerable<string> Usings(string text) => Names(Using().Matches(text));

    /// <summary>Gets the full names of the namespaces and types that the file imports for the whole project.</summary>
    public static IEnumerable<string> GlobalUsings(string text) => Names(GlobalUsing().Matches(text));

    /// <summary>Tells whether the code uses a member of the type by the type's name, or imports the type.</summary>
    public static bool UsesMemberOf(string text, string type) =>
        Regex.IsMatch(Comment().Replace(text, ""), $@"\b{type[(type.LastIndexOf('.') + 1)..]}[.;<]");

    private static IEnumerable<string> Names(IEnumerable<Match> matches) => matches.Select(match => match.Groups["name"].Value);

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(
        """
        ^(?:\[.*\]\ )?(?:\w+\ )*
        (?:(?:class|record\ class|record\ struct|record|struct|interface|enum)\ (?<name>\w+) | delegate\ [^(]*?(?<name>\w+)(?:<[^<>(]*>)?\()
        """,
        RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Type();

    [GeneratedRegex($"^{Import}", RegexOptions.Multiline)]
    private static partial Regex Using();

    [GeneratedRegex($"^global {Import}", RegexOptions.Multiline)]
    private static partial Regex GlobalUsing();

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();
}
