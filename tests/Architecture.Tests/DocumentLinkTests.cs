namespace Architecture.Tests;

/// <summary>Checks that the documents' links within the repository have a target.</summary>
public sealed class DocumentLinkTests
{
    [Fact]
    public void Links_OfPages_LeadToFilesAndHeadings() => Violations.AssertNone(
        "A link of a document leads to a file or folder of the repository, and to a heading that the file has.",
        from page in Documents.Find("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "docs", "samples", "models")
        from link in MarkdownText.Links(Documents.Read(page))
        where !link.Contains(':', StringComparison.Ordinal) && !Exists(page, link.Split('#'))
        select $"{page}: {link}");

    [Fact]
    public void Anchors_Headings_AreThoseOfGitHub() => Assert.Equal(
        ["a-models-file", "configpbtxt", "again", "again-1"],
        MarkdownText.Anchors("# A [model's](a.md) file\n\n## `config.pbtxt`\n## Again\n```sh\n# No heading\n```\n## Again\n"));

    [Fact]
    public void Links_Page_AreThoseOutsideOfCode() => Assert.Equal(
        ["a.md#b", "c.png"],
        MarkdownText.Links("[one](a.md#b), ![two](c.png)\n\n```md\n[three](d.md)\n```\n"));

    private static bool Exists(string page, string[] link)
    {
        var path = link[0].Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, link[0]);
        return Documents.Exists(path) && (link.Length == 1 || MarkdownText.Anchors(Documents.Read(path)).Contains(link[1]));
    }
}
