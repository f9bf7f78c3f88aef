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

    /// <summary>Each match is fast enough, and all of them together would take minutes.</summary>
    [Fact]
    public void Split_ManySlowMatches_EndAtTheTimeLimitOfTheText()
    {
        using var folder = new TempFiles();
        var file = folder.Write("tokenizer.json", """
            {"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[a-z]+\\d|."},"behavior":"Isolated"},
            "model":{"type":"BPE","vocab":{"a":0},"merges":[]}}
            """);

        Assert.Throws<TimeoutException>(() => Tokenizer.Load(file).Encode(new string('a', 500_000)));
    }

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

    /// <summary>The numbers of Latin 1 are word characters outside brackets, and others inside.</summary>
    [Theory]
    [InlineData("\\w")]
    [InlineData("\\W")]
    [InlineData("[\\w]")]
    [InlineData("[^\\w]")]
    [InlineData("[\\W]")]
    [InlineData("[^\\w\\s]")]
    [InlineData("[[:word:]]")]
    [InlineData("\\p{Word}")]
    [InlineData("\\P{Word}")]
    [InlineData("[\\p{Word}]")]
    [InlineData("[^\\p{Word}]")]
    [InlineData("\\b.")]
    public void Split_WordClass_SameAsHuggingFace(string expression) => AssertSamePieces(expression, "a½ ²³!é", "Removed");

    /// <summary>Case forms are added to the characters of a class before its negation, and not to properties outside brackets.</summary>
    [Theory]
    [InlineData("(?i:[^a])", "aAbB")]
    [InlineData("(?i:[^a-c])", "aACdD")]
    [InlineData("(?i:[^k])", "kK\u212Ax")]
    [InlineData("(?i:[^s])", "sSſx")]
    [InlineData("(?i:[^σ])", "σςΣx")]
    [InlineData("(?i:[^ß])", "ßẞx")]
    [InlineData("(?i:[^i])", "iIİı")]
    [InlineData("(?i:[^ṡ])", "ṡṠẛx")]
    [InlineData("(?i:[[^a]])", "aAb")]
    [InlineData("(?i:[^[^a]])", "aAb")]
    [InlineData("(?i:[a-z&&A-Z])", "aAb")]
    [InlineData("(?i:\\p{Lu})", "aAbB")]
    [InlineData("(?i:\\P{Lu})", "aAbB")]
    [InlineData("(?i:[\\p{Lu}])", "aA1𐐀𐐨")]
    [InlineData("(?i:[^\\p{Lu}])", "aA1𐐀𐐨")]
    [InlineData("(?i:[[:upper:]])", "aAbB")]
    [InlineData("(?i:k|µ|θ|ǆ)", "kK\u212Ax µΜμ θΘϑϴ ǄǅǆX")]
    [InlineData("(?i:i|é)", "iIİıéÉ")]
    public void Split_IgnoredCase_SameAsHuggingFace(string expression, string text) => AssertSamePieces(expression, text, "Removed");

    /// <summary>Options without a group reach to the end of the group around them, with all alternatives.</summary>
    [Theory]
    [InlineData("a(?i)b|c", "acabaBCc")]
    [InlineData("(?i)a(?-i)b|c", "ABAbcCAcac")]
    [InlineData("((?i)a|b)c", "ACBCacAc")]
    [InlineData("(?im)A.b|(?-m:c.d)", "a\nb c\nd")]
    [InlineData("a{2}?b", "bab aab")]
    [InlineData("a{2,2}?b", "bab aab")]
    [InlineData("a{2}??b", "bab aab")]
    [InlineData("a{1,2}+b", "aaaab")]
    [InlineData("a+*b|c?+", "b aab cc")]
    public void Split_RubySyntax_SameAsHuggingFace(string expression, string text) => AssertSamePieces(expression, text);

    /// <summary>Replaces each character of a class in all of Unicode's planes with assigned characters.</summary>
    [Theory]
    [InlineData("[[:alpha:]]")]
    [InlineData("[[:alnum:]]")]
    [InlineData("[[:upper:]]")]
    [InlineData("[[:lower:]]")]
    [InlineData("[[:punct:]]")]
    [InlineData("[[:^punct:]]")]
    [InlineData("\\p{Punct}")]
    [InlineData("\\p{Upper}")]
    [InlineData("\\p{L_u}")]
    [InlineData("\\p{n d}")]
    [InlineData("[\\w]")]
    [InlineData("\\p{Common}")]
    [InlineData("\\p{Inherited}")]
    [InlineData("\\p{Greek}")]
    [InlineData("\\p{Han}")]
    [InlineData("\\p{Hiragana}")]
    [InlineData("\\p{Latin}")]
    [InlineData("\\p{Arabic}")]
    [InlineData("\\p{Cyrillic}")]
    [InlineData("(?i:[\\p{Ll}])")]
    [InlineData("(?i:[^\\p{Lu}])")]
    public void Replace_NamedClass_SameAsHuggingFace(string expression)
    {
        const int Step = 0x100;
        var letters = Vocabularies.ByteLetterTokens().Index().ToDictionary(token => token.Item, token => token.Index);
        using var oracle = new HuggingFaceComparison($$"""
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"post_processor":null,"decoder":null,
            "normalizer":{"type":"Replace","pattern":{"Regex":{{JsonSerializer.Serialize(expression)}}},"content":""},
            "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false},
            "model":{"type":"BPE","vocab":{{JsonSerializer.Serialize(letters)}},"merges":[]} }
            """);
        var blocks = Enumerable.Range(0, 0xE1000 / Step).Where(block => block is < 0x340 or >= 0xE00);
        foreach (var first in blocks.Select(block => block * Step))
        {
            var codes = Enumerable.Range(first, Step).Where(code => code is < 0xD800 or > 0xDFFF);
            oracle.AssertSameIds(string.Concat(codes.Select(char.ConvertFromUtf32)));
        }
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
