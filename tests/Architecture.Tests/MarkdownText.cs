using System.Text.RegularExpressions;

namespace Architecture.Tests;

/// <summary>Reads the sentences, headings and links of Markdown text. Code blocks are left out.</summary>
internal static partial class MarkdownText
{
    /// <summary>Gets the sentences of headings, paragraphs and list items. Tables and comments are left out.</summary>
    public static IEnumerable<string> Sentences(string markdown) =>
        from block in Blocks(markdown)
        from sentence in SentenceEnd().Split(Plain(block))
        select sentence;

    /// <summary>Counts the words of a sentence. A code span and an address are a word each.</summary>
    public static int CountWords(string sentence) => Word().Count(sentence);

    /// <summary>Gets the anchors of the headings, as GitHub generates them.</summary>
    public static IEnumerable<string> Anchors(string markdown) => Heading().Matches(WithoutCode(markdown))
        .Select(heading => Link().Replace(heading.Groups["title"].Value, "${text}").ToLowerInvariant())
        .Select(title => NotInAnchor().Replace(title, "").Replace(' ', '-'))
        .GroupBy(anchor => anchor)
        .SelectMany(same => same.Select((anchor, number) => number == 0 ? anchor : $"{anchor}-{number}"));

    /// <summary>Gets the targets of the links and images.</summary>
    public static IEnumerable<string> Links(string markdown) =>
        Link().Matches(WithoutCode(markdown)).Select(link => link.Groups["target"].Value);

    private static string[] Blocks(string markdown)
    {
        var text = TableOrComment().Replace(WithoutCode(markdown), "");
        text = Heading().Replace(text, "\n${title}\n");
        return BlankLines().Split(ListMarker().Replace(text, "\n"));
    }

    private static string Plain(string block) =>
        Address().Replace(Link().Replace(CodeSpan().Replace(block, "code"), "${text}"), "address");

    private static string WithoutCode(string markdown) => CodeBlock().Replace(markdown, "\n");

    [GeneratedRegex("^[ \t]*```.*?^[ \t]*```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex(@"^[ \t]*(?:\||<!--).*$", RegexOptions.Multiline)]
    private static partial Regex TableOrComment();

    [GeneratedRegex("^#+ (?<title>.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"^[ \t]*(?:[-*+]|\d+\.)[ \t]+", RegexOptions.Multiline)]
    private static partial Regex ListMarker();

    [GeneratedRegex(@"\n\s*\n")]
    private static partial Regex BlankLines();

    [GeneratedRegex("`+[^`]+`+")]
    private static partial Regex CodeSpan();

    [GeneratedRegex(@"!?\[(?<text>[^\[\]]*)\]\((?<target>[^()\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"https?://\S*[\w/]")]
    private static partial Regex Address();

    [GeneratedRegex("(?<=[.!?])[)\"*_]*\\s+")]
    private static partial Regex SentenceEnd();

    [GeneratedRegex(@"\S*\w\S*")]
    private static partial Regex Word();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
