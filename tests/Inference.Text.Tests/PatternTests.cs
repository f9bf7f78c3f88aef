using System.Text.Json;

namespace Inference.Text.Tests;

/// <summary>
/// Compares the pieces of single texts with Hugging Face's library. Each part of the text is a token, so the ids show the pieces.
/// </summary>
public class PatternTests
{
    /// <summary>The optional part matches at one place, and the whole expression matches after it without the optional part.</summary>
    [Theory]
    [InlineData(" ?[a-z]+", " .c n")]
    [InlineData(" ?[a-z]+", " (foo bar")]
    [InlineData("-?\\d+", "-n1a1")]
    [InlineData("\\s?\\p{L}+", " .c n")]
    [InlineData("(?: )?[a-z]+", " .c n")]
    [InlineData(" {0,1}[a-z]+", " .c n")]
    [InlineData("\\p{P}?[a-z]+", ". c n")]
    [InlineData(" ?, ?", " a,,")]
    [InlineData(" ?[^(\\s|[.,!?…。，、।۔،])]+", " !.c n (foo) bar")]
    [InlineData("(?:ab)?c+", "abxcac")]
    [InlineData(" *[a-z]*1", "a.1 1")]
    [InlineData("a\\d{1,2}b", "a11xa1b a1b")]
    public void Split_OptionalPart_SameAsHuggingFace(string expression, string text) => AssertSamePieces(expression, text);

    /// <summary>A "$" matches before each line break and at the end, also after a line break.</summary>
    [Theory]
    [InlineData("\\s+$", "ab\n")]
    [InlineData("\\s+$", "ab\n\n")]
    [InlineData("\\s$", "a \nb\n\n")]
    [InlineData("^.|\\n\\z", "a\nb\n\n")]
    public void Split_LineEnds_SameAsHuggingFace(string expression, string text) => AssertSamePieces(expression, text);

    /// <summary>An empty match does not follow another match directly.</summary>
    [Theory]
    [InlineData("x?", "MergedWithPrevious", true, "0x01")]
    [InlineData("[^a]*", "MergedWithNext", false, "bbab")]
    [InlineData("x?", "Contiguous", false, "0xx01😀x")]
    [InlineData("x*", "Removed", true, "0xx01")]
    [InlineData("(?<=x)|y", "MergedWithNext", false, "xyxx0y")]
    public void Split_EmptyMatches_SameAsHuggingFace(string expression, string behavior, bool isInverted, string text) =>
        AssertSamePieces(expression, text, behavior, isInverted);

    [Theory]
    [InlineData("x*", "")]
    [InlineData("x*", "0xx01")]
    [InlineData("$", "a\n")]
    public void Replace_EmptyMatches_SameAsHuggingFace(string expression, string text)
    {
        using var oracle = new HuggingFaceComparison($$"""
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"post_processor":null,"decoder":null,"pre_tokenizer":null,
            "normalizer":{"type":"Replace","pattern":{"Regex":{{JsonSerializer.Serialize(expression)}}},"content":"#"},
            "model":{"type":"WordLevel","unk_token":"<unk>","vocab":{"<unk>":0,"#":1,"#0##0#1#":2,"#0#0#1#":3,"a#\n#":4,"a#\n":5} } }
            """);
        oracle.AssertSameIds(text);
    }

    private static void AssertSamePieces(string expression, string text, string behavior = "Isolated", bool isInverted = false)
    {
        var parts = Enumerable.Range(0, text.Length)
            .SelectMany(start => Enumerable.Range(start + 1, text.Length - start).Select(end => text[start..end]))
            .Where(part => !char.IsLowSurrogate(part[0]) && !char.IsHighSurrogate(part[^1]));
        var vocabulary = parts.Prepend("<unk>").Distinct().Index().ToDictionary(part => part.Item, part => part.Index);
        using var oracle = new HuggingFaceComparison($$"""
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,"post_processor":null,"decoder":null,
            "pre_tokenizer":{"type":"Split","pattern":{"Regex":{{JsonSerializer.Serialize(expression)}}},"behavior":"{{behavior}}",
            "invert":{{JsonSerializer.Serialize(isInverted)}}},
            "model":{"type":"WordLevel","unk_token":"<unk>","vocab":{{JsonSerializer.Serialize(vocabulary)}}} }
            """);
        oracle.AssertSameIds(text);
    }
}
