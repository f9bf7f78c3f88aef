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
