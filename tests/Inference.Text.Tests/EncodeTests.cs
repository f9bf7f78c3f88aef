using System.Diagnostics;

namespace Inference.Text.Tests;

/// <summary>Tests offsets, pairs, truncation, special tokens, and the time for long texts.</summary>
public class EncodeTests
{
    private const string Vocabulary = """
        {"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"hello":4,"world":5,"cafe":6,"##s":7,"!":8,"日":9,"[MASK]":10}
        """;

    private const string Spaces = """{"type":"Split","pattern":{"Regex":"\\s+(?!\\S)|\\s+|\\S+"},"behavior":"Isolated"},""";

    private static readonly EncodeOptions WithOffsets = new() { HasOffsets = true };

    [Fact]
    public void Encode_Pair_HasSegmentsAndSpecialTokens()
    {
        var encoded = Bert().Encode("hello world", "cafes!");

        Assert.Equal([2, 4, 5, 3, 6, 7, 8, 3], encoded.Ids.ToArray());
        Assert.Equal([0, 0, 0, 0, 1, 1, 1, 1], encoded.TypeIds.ToArray());
        Assert.Equal([true, false, false, true, false, false, false, true], encoded.SpecialTokensMask.ToArray());
    }

    /// <summary>The truncation and the special tokens of one pair must not change the first text for the next pair.</summary>
    [Fact]
    public void Encode_FirstTextOfSeveralPairs_IsAsInEachPairAlone()
    {
        var (sut, options) = (Bert(), WithOffsets with { Truncation = new Truncation(7) });
        var first = sut.TokenizeFirst("hello world hello", options);

        foreach (var pair in (string[])["world world world world", "!", "cafes", ""])
        {
            var (encoded, expected) = (sut.Encode(first, pair, options), sut.Encode("hello world hello", pair, options));

            Assert.Equal(expected.Ids.ToArray(), encoded.Ids.ToArray());
            Assert.Equal(expected.TypeIds.ToArray(), encoded.TypeIds.ToArray());
            Assert.Equal(Show(expected), Show(encoded));
        }
    }

    [Fact]
    public void Encode_WithoutSpecialTokens_HasTheTextsAlone() =>
        Assert.Equal([4, 5], Bert().Encode("hello", "world", new EncodeOptions { AddSpecialTokens = false }).Ids.ToArray());

    /// <summary>A dropped mark is in no range. The parts of a decomposed character have the range of the character.</summary>
    [Theory]
    [InlineData("Cafe\u0301s \U0001F600 日HELLO", "0-0 0-4 5-6 7-9 10-11 11-16 0-0")]
    [InlineData("\u00e7a  caf\u00e9 [MASK]!", "0-0 0-2 4-8 9-15 15-16 0-0")]
    [InlineData("\u0000he\u00adllo", "0-0 1-7 0-0")]
    public void Encode_NormalizedText_OffsetsAreOfTheOriginal(string text, string expected) =>
        Assert.Equal(expected, Show(Bert().Encode(text, WithOffsets)));

    /// <summary>The bytes of a character have the range of the character. Spaces before words are in no range.</summary>
    [Fact]
    public void Encode_ByteLevel_OffsetsAreWithoutSpaces()
    {
        using var folder = new TempFiles();
        var letters = Vocabularies.ByteLetterTokens().Index().ToDictionary(token => token.Item, token => token.Index);
        letters.Add("Ġa", 256);
        var tokenizer = Tokenizer.LoadBpe(
            folder.Write("vocab.json", System.Text.Json.JsonSerializer.Serialize(letters)),
            folder.Write("merges.txt", "#version: 0.2\nĠ a\n"));

        Assert.Equal("0-1 2-3 3-4 3-4 5-5", Show(tokenizer.Encode("b a\u00e9 ", WithOffsets)));
    }

    [Theory]
    [InlineData(6, TruncationStrategy.LongestFirst, TextSide.Right, "2 4 3 6 7 3")]
    [InlineData(5, TruncationStrategy.LongestFirst, TextSide.Left, "2 5 3 8 3")]
    [InlineData(6, TruncationStrategy.OnlyFirst, TextSide.Right, null)]
    [InlineData(7, TruncationStrategy.OnlyFirst, TextSide.Left, "2 5 3 6 7 8 3")]
    public void Encode_Truncated_KeepsSpecialTokens(int length, TruncationStrategy strategy, TextSide side, string? expected)
    {
        var options = new EncodeOptions { Truncation = new Truncation(length, strategy, side) };

        if (expected is null)
        {
            Assert.Contains("too few", Assert.Throws<TokenizerException>(() => Bert().Encode("hello world", "cafes!", options)).Message,
                StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(expected, string.Join(' ', Bert().Encode("hello world", "cafes!", options).Ids.ToArray()));
        }
    }

    /// <summary>
    /// The time must not grow with the square of the length. The texts are one long word, a run of marks, or added tokens that almost
    /// match.
    /// </summary>
    [Theory]
    [InlineData("a")]
    [InlineData("\u0301")]
    [InlineData("\u0323\u0301")]
    [InlineData("[MASK")]
    [InlineData(" ")]
    [InlineData("\n ")]
    [InlineData("日")]
    public void Encode_LongText_IsNotQuadratic(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 400_000 / part.Length));
        foreach (var kind in (string[])["byte-level", "llama", "uncased", "metaspace", "llama3"])
        {
            using var folder = new TempFiles();
            var tokenizer = Tokenizer.Load(folder.Write("tokenizer.json", Small(kind)));
            AssertIsNotQuadratic(() => tokenizer.Encode(text), kind);
        }
    }

    /// <summary>Owners of tokenizers may allow words of any length.</summary>
    [Fact]
    public void Encode_LongWordAndLongToken_IsNotQuadratic()
    {
        using var folder = new TempFiles();
        var tokenizer = Tokenizer.Load(folder.Write(
            "tokenizer.json",
            $$$"""{"model":{"type":"WordPiece","max_input_chars_per_word":1000000,"vocab":{"[UNK]":0,"a":1,"##a":2,"{{{new string('b', 2000)}}}":3} } }"""));

        AssertIsNotQuadratic(() => Assert.Equal(100_000, tokenizer.Encode(new string('a', 100_000)).Ids.Length), "WordPiece");
    }

    [Fact]
    public void Encode_ReplacementsThatMultiply_AreRefused()
    {
        using var folder = new TempFiles();
        var step = $$"""{"type":"Replace","pattern":{"String":"a"},"content":"{{new string('a', 50)}}"}""";
        var tokenizer = Tokenizer.Load(folder.Write(
            "tokenizer.json",
            $$$"""{"normalizer":{"type":"Sequence","normalizers":[{{{string.Join(',', Enumerable.Repeat(step, 6))}}}]},"model":{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"} }"""));

        Assert.Contains(
            "longer than", Assert.Throws<TokenizerException>(() => tokenizer.Encode("aaaaaaaaaa")).Message, StringComparison.Ordinal);
    }

    /// <summary>A character without a token is no fault if a longer token has it.</summary>
    [Theory]
    [InlineData("ab", "1")]
    [InlineData("aab", "0 1")]
    [InlineData("abb", null)]
    [InlineData("b", null)]
    public void Encode_UnigramWithoutUnknownToken_RefusesOnlyTextsThatNeedIt(string text, string? expected)
    {
        using var folder = new TempFiles();
        var tokenizer = Tokenizer.Load(folder.Write(
            "tokenizer.json", """{"model":{"type":"Unigram","unk_id":null,"vocab":[["a",-1],["ab",-1]]}}"""));

        if (expected is null)
        {
            Assert.Contains("no token for unknown characters", Assert.Throws<TokenizerException>(() => tokenizer.Encode(text)).Message,
                StringComparison.Ordinal);
        }
        else
        {
            Assert.Equal(expected, string.Join(' ', tokenizer.Encode(text).Ids.ToArray()));
        }
    }

    [Fact]
    public void Encode_LongText_IsCancelled()
    {
        var text = new string('a', 1_000_000);

        Assert.Throws<OperationCanceledException>(() => Bert().Encode(text, cancellationToken: new CancellationToken(canceled: true)));
    }

    /// <summary>
    /// Asserts that one of three attempts takes less than a minute. An idle machine needs less than a second. Quadratic time would be
    /// minutes in each attempt.
    /// </summary>
    private static void AssertIsNotQuadratic(Action encode, string kind) => Assert.True(
        Enumerable.Range(0, 3).Any(_ =>
        {
            var start = Stopwatch.GetTimestamp();
            encode();
            return Stopwatch.GetElapsedTime(start) < TimeSpan.FromMinutes(1);
        }),
        kind);

    private static string Small(string kind) => kind switch
    {
        "uncased" => """
            {"normalizer":{"type":"BertNormalizer"},"pre_tokenizer":{"type":"BertPreTokenizer"},"model":{"type":"WordPiece","vocab":{"[UNK]":0,"a":1,"##a":2}},
            "added_tokens":[{"content":"[MASK]","special":true,"lstrip":true}]}
            """,
        "metaspace" => """
            {"normalizer":{"type":"NFKC"},"pre_tokenizer":{"type":"Metaspace","replacement":"▁"},
            "model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0.0],["a",-1.5],["aa",-2.25],["▁",-3]]}}
            """,
        "llama" => """
            {"normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"},
            "model":{"type":"BPE","unk_token":"<unk>","fuse_unk":true,"vocab":{"<unk>":0,"a":1,"aa":2,"aaaa":3,"▁":4,"▁▁":5},"merges":["a a","aa aa",["▁","▁"]]}}
            """,
        _ => $$$"""
            {"pre_tokenizer":{"type":"Sequence","pretokenizers":[{{{(kind == "llama3" ? Spaces : "")}}}{"type":"ByteLevel","add_prefix_space":false}]},
            "model":{"type":"BPE","vocab":{"a":0,"aa":1,"aaa":2,"Ġ":3,"ĠĠ":4},"merges":["a a","aa a","Ġ Ġ"]}}
            """,
    };

    private static Tokenizer Bert()
    {
        using var folder = new TempFiles();
        return Tokenizer.Load(folder.Write("tokenizer.json", $$$"""
            {"added_tokens":[{"id":10,"content":"[MASK]","special":true,"normalized":false}],"normalizer":{"type":"BertNormalizer","lowercase":true},
            "pre_tokenizer":{"type":"BertPreTokenizer"},"post_processor":{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]},
            "decoder":{"type":"WordPiece"},"model":{"type":"WordPiece","vocab":{{{Vocabulary}}} }}
            """));
    }

    private static string Show(EncodedText encoded) =>
        string.Join(' ', encoded.Offsets.ToArray().Select(range => $"{range.Start}-{range.End}"));
}
