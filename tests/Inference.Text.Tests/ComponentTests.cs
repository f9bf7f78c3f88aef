using System.Text.Json;

namespace Inference.Text.Tests;

/// <summary>
/// Compares each component alone with Hugging Face's library. The model has a token for each byte, so the ids show the text.
/// </summary>
public class ComponentTests
{
    private const int Count = 300;

    public static TheoryData<string> Normalizers =>
    [
        """{"type":"NFC"}""",
        """{"type":"NFD"}""",
        """{"type":"NFKC"}""",
        """{"type":"NFKD"}""",
        """{"type":"Lowercase"}""",
        """{"type":"StripAccents"}""",
        """{"type":"Nmt"}""",
        """{"type":"ByteLevel"}""",
        """{"type":"Prepend","prepend":"▁x"}""",
        """{"type":"Strip","strip_left":true,"strip_right":true}""",
        """{"type":"Strip","strip_left":false,"strip_right":true}""",
        """{"type":"Replace","pattern":{"String":" "},"content":"▁▁"}""",
        """{"type":"Replace","pattern":{"Regex":"[\\p{M}\\s]+"},"content":""}""",
        """{"type":"Replace","pattern":{"Regex":"(?i:k|s)+|[^[:alnum:]\\s&&[^_]]|\\p{Han}++"},"content":"#"}""",
        """{"type":"Replace","pattern":{"Regex":"^\\w|\\b\\d{1,2}|[\\h&&[^b]]$"},"content":"<>"}""",
        """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":true,"lowercase":false}""",
        """{"type":"BertNormalizer","clean_text":false,"handle_chinese_chars":true,"strip_accents":false,"lowercase":true}""",
        """{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},{"type":"Lowercase"},{"type":"Strip","strip_left":true,"strip_right":false}]}""",
    ];

    public static TheoryData<string> PreTokenizers =>
    [
        """{"type":"BertPreTokenizer"}""",
        """{"type":"Whitespace"}""",
        """{"type":"WhitespaceSplit"}""",
        """{"type":"Punctuation"}""",
        """{"type":"Punctuation","behavior":"Contiguous"}""",
        """{"type":"Punctuation","behavior":"MergedWithPrevious"}""",
        """{"type":"Digits","individual_digits":true}""",
        """{"type":"Digits","individual_digits":false}""",
        """{"type":"UnicodeScripts"}""",
        """{"type":"CharDelimiterSplit","delimiter":"_"}""",
        """{"type":"FixedLength","length":3}""",
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""",
        """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""",
        """{"type":"Metaspace","replacement":"_","prepend_scheme":"first","split":true}""",
        """{"type":"Metaspace","replacement":"▁","prepend_scheme":"never","split":false}""",
        """{"type":"Split","pattern":{"String":"a"},"behavior":"Removed","invert":false}""",
        """{"type":"Split","pattern":{"String":"a"},"behavior":"MergedWithNext","invert":true}""",
        """{"type":"Split","pattern":{"Regex":"\\p{L}+|\\d"},"behavior":"Removed","invert":true}""",
        """{"type":"Split","pattern":{"Regex":"\\W"},"behavior":"MergedWithPrevious","invert":false}""",
        """{"type":"Split","pattern":{"Regex":"[^\\S\\n]*?\\p{^P}"},"behavior":"Contiguous","invert":false}""",
        """{"type":"Split","pattern":{"Regex":"[一-龥\u3040-ゟ゠-ヿ]+"},"behavior":"Isolated","invert":false}""",
        """{"type":"Split","pattern":{"Regex":"[\\p{Hiragana}\\p{Thai}]+|\\p{Lu}?\\p{Ll}++|(?<=\\s)\\S(?=\\S)|(?>a|ab)c"},"behavior":"Isolated","invert":false}""",
        """{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"[0-9]"},"behavior":"Isolated","invert":false},{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true}]}""",
        """{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Punctuation"},{"type":"Digits","individual_digits":true}]}""",
    ];

    [Theory]
    [MemberData(nameof(Normalizers))]
    public void Normalizer_RandomTexts_SameAsHuggingFace(string normalizer) =>
        AssertSame(normalizer, """{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false}""", Bytes());

    /// <summary>
    /// Each word becomes one token, or the unknown token. So the ids show the number of words, and which words are known.
    /// </summary>
    [Theory]
    [MemberData(nameof(PreTokenizers))]
    public void PreTokenizer_RandomTexts_SameAsHuggingFace(string preTokenizer) => AssertSame("null", preTokenizer, Words());

    [Theory]
    [MemberData(nameof(PreTokenizers))]
    public void PreTokenizer_AfterPrepend_SameAsHuggingFace(string preTokenizer) =>
        AssertSame("""{"type":"Prepend","prepend":"▁"}""", preTokenizer, Words());

    /// <summary>
    /// The scheme "first" prepends only to the start of the original text. A tokenizer without added tokens tracks this start, too.
    /// </summary>
    [Theory]
    [InlineData("""{"type":"Strip","strip_left":true,"strip_right":true}""")]
    [InlineData("""{"type":"StripAccents"}""")]
    [InlineData("""{"type":"Nmt"}""")]
    [InlineData("""{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":true,"lowercase":true}""")]
    [InlineData("""{"type":"Replace","pattern":{"String":"b"},"content":""}""")]
    [InlineData("""{"type":"Sequence","normalizers":[{"type":"Strip","strip_left":true,"strip_right":false},{"type":"Prepend","prepend":"b"}]}""")]
    [InlineData("precompiled")]
    public void MetaspaceFirst_AfterARemovedStart_SameAsHuggingFace(string normalizer)
    {
        if (normalizer == "precompiled")
            normalizer = $$"""{"type":"Precompiled","precompiled_charsmap":"{{Convert.ToBase64String(CharacterMap.Create())}}"}""";
        using var oracle = new HuggingFaceComparison($$"""
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":{{normalizer}},
            "pre_tokenizer":{"type":"Metaspace","replacement":"_","prepend_scheme":"first","split":true},
            "post_processor":null,"decoder":null,"model":{{Bytes()}}}
            """);
        foreach (var text in (string[])["a", "  a", "\u0301a", "\ufeffa", "\u0001a", "\u0001\u0001a b", "ba", " ba", "a\u0001a", "  ", "b"])
            oracle.AssertSameIds(text);
    }

    [Theory]
    [InlineData(TextSide.Right)]
    [InlineData(TextSide.Left)]
    public void Truncation_RandomTexts_SameAsHuggingFace(TextSide side)
    {
        var truncation = new Truncation(21, Side: side);
        using var oracle = new HuggingFaceComparison($$"""
            {"truncation":{"direction":"{{side}}","max_length":21,"strategy":"LongestFirst","stride":0},
            "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true},
            "post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true},
            {"type":"BertProcessing","sep":["#",3],"cls":["$",4]}]},"model":{{Bytes()}},"version":"1.0","added_tokens":[]}
            """);
        var texts = new RandomTexts(seed: 9);
        for (var index = 0; index < Count; index++)
            oracle.AssertSameIds(texts.Next()[..1] + texts.Next(), truncation);
        oracle.AssertSameIds("a", truncation);
        oracle.AssertSameIds("", truncation);
    }

    /// <summary>An escaped operator is a character, also at the end of the expression and before the same operator.</summary>
    [Theory]
    [InlineData(@"\\.")]
    [InlineData(@"\\..")]
    [InlineData(@"\\||b")]
    [InlineData(@".\\|")]
    public void Split_EscapedOperator_SameAsHuggingFace(string expression)
    {
        using var oracle = new HuggingFaceComparison($$"""
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,"post_processor":null,"decoder":null,
            "pre_tokenizer":{"type":"Split","pattern":{"Regex":"{{expression}}"},"behavior":"Isolated","invert":false},"model":{{Words()}}}
            """);
        foreach (var text in (string[])["a.b|c", "..", "||", "a..b.", "x|.|b"])
            oracle.AssertSameIds(text);
    }

    private static void AssertSame(string normalizer, string preTokenizer, string model)
    {
        using var oracle = new HuggingFaceComparison($$"""
            {"version":"1.0","truncation":null,"padding":null,"added_tokens":[
            {"id":9000,"content":"</s>","single_word":false,"lstrip":true,"rstrip":true,"normalized":false,"special":true},
            {"id":9001,"content":"café","single_word":true,"lstrip":false,"rstrip":true,"normalized":true,"special":false}],
            "normalizer":{{normalizer}},"pre_tokenizer":{{preTokenizer}},"post_processor":null,"decoder":null,"model":{{model}}}
            """);
        var texts = new RandomTexts(seed: 3);
        for (var index = 0; index < Count; index++)
            oracle.AssertSameIds(texts.Next());
    }

    private static string Bytes() => $$"""
        {"type":"BPE","vocab":{{JsonSerializer.Serialize(Vocabularies.ByteLetterTokens().Index().ToDictionary(token => token.Item, token => token.Index))}},"merges":[]}
        """;

    private static string Words()
    {
        var texts = new RandomTexts(seed: 5);
        var words = Enumerable.Range(' ', 0x400).Select(code => ((char)code).ToString()).Prepend("<unk>")
            .Concat(Enumerable.Range(0, 400).Select(_ => texts.NextWord())).Distinct().Index();
        return $$"""{"type":"WordLevel","unk_token":"<unk>","vocab":{{JsonSerializer.Serialize(words.ToDictionary(word => word.Item, word => word.Index))}}}""";
    }
}
