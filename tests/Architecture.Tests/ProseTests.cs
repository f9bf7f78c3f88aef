namespace Architecture.Tests;

/// <summary>Checks the lengths of sentences in the documents.</summary>
public sealed class ProseTests
{
    [Fact]
    public void Sentences_OfPages_AreShort() => Violations.AssertNone(
        $"A sentence of a document has at most {Rules.MaxSentenceWords} words: one fact each.",
        from page in Documents.Find("README.md", "CONTRIBUTING.md", "SECURITY.md", "docs", "samples")
        from sentence in FindLongSentences(Documents.Read(page))
        select $"{page}: {sentence}");

    [Theory]
    [InlineData("WORDS.", true)]
    [InlineData("WORDS one.", false)]
    [InlineData("WORDS\none.", false)]
    [InlineData("- WORDS\n- WORDS", true)]
    [InlineData("# WORDS\nWORDS\n\n1. WORDS", true)]
    [InlineData("A sentence. WORDS! **WORDS.** (WORDS.) WORDS", true)]
    [InlineData("WORDS: one.", false)]
    [InlineData("`WORDS one`, [WORDS](https://example.com/a)", false)]
    [InlineData("`WORDS one`. [WORDS](https://example.com/a).", true)]
    [InlineData("| WORDS one |\n|---|\n\n<!-- WORDS one -->", true)]
    [InlineData("```sh\nWORDS one\n```", true)]
    [InlineData("```sh\nWORDS\n```\nWORDS one", false)]
    public void FindLongSentences_Page_AreThoseOfMoreThan25Words(string page, bool isShort)
    {
        var words = string.Join(' ', Enumerable.Repeat("word", Rules.MaxSentenceWords));

        Assert.Equal(isShort, !FindLongSentences(page.Replace("WORDS", words, StringComparison.Ordinal)).Any());
    }

    private static IEnumerable<string> FindLongSentences(string markdown) =>
        MarkdownText.Sentences(markdown).Where(sentence => MarkdownText.CountWords(sentence) > Rules.MaxSentenceWords);
}
