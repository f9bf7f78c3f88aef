using System.Globalization;
using Inference.Testing;

namespace Inference.Text.Tests;

public class LoadTests
{
    private const string Model = "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"<unk>\":0},\"unk_token\":\"<unk>\"}";

    /// <summary>The message names the file, the part and the problem.</summary>
    [Theory]
    [InlineData(
        """{"normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Magic"}]},M}""", "normalizer.normalizers[1]", "Magic")]
    [InlineData("""{"pre_tokenizer":{"type":"Magic"},M}""", "pre_tokenizer", "Magic")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a"},"behavior":"Isolated"},M}""", "pre_tokenizer.pattern.Regex",
        "does not end")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\g<1>"},"behavior":"Isolated"},M}""",
        "pre_tokenizer.pattern.Regex", "\\g")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[😀]"},"behavior":"Isolated"},M}""", "pre_tokenizer.pattern.Regex",
        "U+FFFF")]
    [InlineData(
        """{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[a-\\"},"behavior":"Isolated"},M}""", "pre_tokenizer.pattern.Regex",
        "without a character")]
    [InlineData(
        """{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[\\x{FFFFFFFF}]"},"behavior":"Isolated"},M}""",
        "pre_tokenizer.pattern.Regex", "without its number")]
    [InlineData(
        """{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\x{80000041}"},"behavior":"Isolated"},M}""",
        "pre_tokenizer.pattern.Regex", "without its number")]
    [InlineData(
        """{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[[:print:]]"},"behavior":"Isolated"},M}""",
        "pre_tokenizer.pattern.Regex", "the class \"print\"")]
    [InlineData(
        """{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[[:Alpha:]]"},"behavior":"Isolated"},M}""",
        "pre_tokenizer.pattern.Regex", "the class \"Alpha\"")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[a[:]"},"behavior":"Isolated"},M}""",
        "pre_tokenizer.pattern.Regex", "does not end")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"\\p{Emoji}"},"behavior":"Isolated"},M}""",
        "pre_tokenizer.pattern.Regex", "the property \"Emoji\"")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"(?x:a b)"},"behavior":"Isolated"},M}""",
        "pre_tokenizer.pattern.Regex", "(?x:a b)")]
    [InlineData("""{"pre_tokenizer":{"type":"Split","pattern":{"String":"a"},"behavior":"Magic"},M}""", "pre_tokenizer.behavior", "Magic")]
    [InlineData("""{"post_processor":{"type":"Magic"},M}""", "post_processor", "Magic")]
    [InlineData(
        """{"post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"x"}}],"pair":[],"special_tokens":{}},M}""",
        "single[0].SpecialToken.id", "special_tokens")]
    [InlineData("""{"decoder":{"type":"Magic"},M}""", "decoder", "Magic")]
    [InlineData("""{"normalizer":{"type":"Precompiled","precompiled_charsmap":"AAAA"},M}""", "normalizer.precompiled_charsmap", "damaged")]
    [InlineData("""{"model":{"type":"Magic"}}""", "model.type", "Magic")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b"]}}""", "model", "does not have")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":0.1}}""", "model.dropout", "not supported")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":"x"}}""", "model.dropout", "a number")]
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b c"]}}""", "model.merges[0]", "two tokens")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":"0"}}}""", "model.vocab.a", "number")]
    [InlineData("""{"model":{"type":"Unigram","unk_id":0,"vocab":[["a",1e99999999999]]}}""", "model", "too large")]
    [InlineData("""{"model":{"type":"Unigram","unk_id":0,"vocab":[["a",12345678901234567890123e2147483647]]}}""", "model", "too large")]
    [InlineData("""{"model":{"type":"Unigram","unk_id":5,"vocab":[["a",0]]}}""", "model.unk_id", "expected an id below 1")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"\ud800":0}}}""", "tokenizer.json", "valid JSON")]
    [InlineData("""{}""", "model", "missing")]
    [InlineData("""[]""", "$", "object")]
    [InlineData("""{"model":""", "tokenizer.json", "valid JSON")]
    public void Load_UnusablePart_IsNamed(string json, string path, string problem)
    {
        using var folder = new TempFiles();
        var file = folder.Write("tokenizer.json", json.Replace("M}", Model + "}", StringComparison.Ordinal));

        var message = Assert.Throws<TokenizerException>(() => Tokenizer.Load(file)).Message;

        Assert.Contains("tokenizer.json", message, StringComparison.Ordinal);
        Assert.Contains(path, message, StringComparison.Ordinal);
        AssertText.Contains(problem, message);
        Assert.True(message.Length < 500, message);
    }

    /// <summary>Lines and bytes are counted from 1, as editors count them, and the library's own words about them are left out.</summary>
    [Theory]
    [InlineData("{\n  \"model\": }", "'}' is an invalid start of a value, at line 2, byte 12.")]
    [InlineData("{\n \"a\":\"\\ud800\",\"model\":{\"type\":\"\\udc00\"}}", "an escaped half of a surrogate pair, at line 2, byte 6.")]
    [InlineData("{}\n{}", "is invalid after a single JSON value. Expected the end of the text, at line 2, byte 1.")]
    public void Load_NotJson_NamesLineAndByteFromOne(string json, string problem)
    {
        using var folder = new TempFiles();
        var merges = folder.Write("merges.txt", "");
        var (tokenizer, vocabulary) = (folder.Write("tokenizer.json", json), folder.Write("vocab.json", json));

        var ofTokenizer = Assert.Throws<TokenizerException>(() => Tokenizer.Load(tokenizer)).Message;

        Assert.StartsWith("tokenizer.json is not valid JSON: ", ofTokenizer, StringComparison.Ordinal);
        Assert.EndsWith(problem, ofTokenizer, StringComparison.Ordinal);
        Assert.Contains("vocab.json is not ", Assert.Throws<TokenizerException>(() => Tokenizer.LoadBpe(vocabulary, merges)).Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", ofTokenizer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\":0}", "a b c", "merges.txt has \"a b c\" in line 2; expected two tokens with a space between.")]
    [InlineData("{\"a\":0}", "a a", "merges.txt does not fit its vocabulary: The merge \"a a\" needs the token \"aa\"")]
    [InlineData("{\"a\":\n-1}", "a a", "vocab.json is not an object of tokens and their ids: \"a\" is not valid")]
    [InlineData("{\"a\":\n", "a a", "vocab.json is not valid JSON: ")]
    public void LoadBpe_UnusableFile_IsNamedWithItsPlace(string vocabulary, string merge, string problem)
    {
        using var folder = new TempFiles();
        var path = folder.Write("vocab.json", vocabulary);

        var message = Assert.Throws<TokenizerException>(
            () => Tokenizer.LoadBpe(path, folder.Write("merges.txt", $"#version: 0.2\n{merge}\n"))).Message;

        Assert.StartsWith(problem, message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", message, StringComparison.Ordinal);
    }

    /// <summary>The line breaks, signs, marks and invisible characters that Microsoft.ML.Tokenizers got wrong.</summary>
    [Theory]
    [InlineData("hello\nworld", "2 4 5 3")]
    [InlineData("hello\tworld\r\n", "2 4 5 3")]
    [InlineData("hello\u200bworld", "2 1 3")]
    [InlineData("hello\u00adworld", "2 1 3")]
    [InlineData("$5 + <ok>", "2 6 7 8 9 10 1 3")]
    [InlineData("a_b=b", "2 11 14 13 15 13 3")]
    [InlineData("ab \U0001F600", "2 11 12 1 3")]
    [InlineData("[SEP] h\u00c9llo", "2 3 4 3")]
    public void LoadWordPiece_WithoutMask_SameIdsAsHuggingFace(string text, string expected)
    {
        using var folder = new TempFiles();
        var path = folder.Write("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nhello\nworld\n$\n5\n+\n<\nok\na\n##b\nb\n_\n=\n");

        var tokenizer = Tokenizer.LoadWordPiece(path, lowercase: true);

        Assert.Equal(
            expected, string.Join(' ', tokenizer.Encode(text).Ids.ToArray().Select(id => id.ToString(CultureInfo.InvariantCulture))));
        Assert.Equal(16, tokenizer.VocabularySize);
    }

    /// <summary>Lowercasing alone keeps accents, and removing accents alone keeps capitals.</summary>
    [Theory]
    [InlineData(true, null, true, "2 6 6 8 8 3")]
    [InlineData(true, false, true, "2 4 4 8 8 3")]
    [InlineData(false, true, true, "2 6 7 8 8 3")]
    [InlineData(false, null, true, "2 4 5 8 8 3")]
    [InlineData(true, null, false, "2 6 6 9 3")]
    public void LoadWordPiece_Settings_AreFollowed(bool lowercase, bool? stripsAccents, bool separatesChinese, string expected)
    {
        using var folder = new TempFiles();
        var path = folder.Write(
            "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n\u00e9\n\u00c9\ne\nE\n\u5b57\n\u5b57\u5b57\n");

        var tokenizer = Tokenizer.LoadWordPiece(path, lowercase, stripsAccents, separatesChinese);

        var ids = tokenizer.Encode("\u00e9 \u00c9 \u5b57\u5b57").Ids.ToArray();
        Assert.Equal(expected, string.Join(' ', ids.Select(id => id.ToString(CultureInfo.InvariantCulture))));
    }

    /// <summary>Such a file would end the process, because each level or character takes stack.</summary>
    [Theory]
    [InlineData("pre_tokenizer.pattern.Regex", "nested classes")]
    [InlineData("model.continuing_subword_prefix", "at most")]
    [InlineData("model.end_of_word_suffix", "at most")]
    public void Load_PartWithoutLimit_IsRefused(string part, string problem)
    {
        using var folder = new TempFiles();
        var name = part.Split('.')[^1];
        var text = new string(name == "Regex" ? '[' : 'a', 1_000_000);
        var file = folder.Write("tokenizer.json", name == "Regex"
            ? $$$"""{"pre_tokenizer":{"type":"Split","pattern":{"Regex":"{{{text}}}"},"behavior":"Isolated"},{{{Model}}} }"""
            : $$$"""{"model":{"type":"BPE","byte_fallback":true,"vocab":{"<0x61>":0},"merges":[],"{{{name}}}":"{{{text}}}"}}""");

        var message = Assert.Throws<TokenizerException>(() => Tokenizer.Load(file)).Message;

        Assert.Contains($"\"{part}\"", message, StringComparison.Ordinal);
        AssertText.Contains(problem, message);
        Assert.True(message.Length < 500);
    }

    [Fact]
    public void Load_ScoreWithATinyExponent_IsZero()
    {
        using var folder = new TempFiles();
        var tokenizer = Tokenizer.Load(folder.Write(
            "tokenizer.json", """{"model":{"type":"Unigram","unk_id":0,"vocab":[["<unk>",0],["a",-1e-99999999999],["aa",-1]]}}"""));

        Assert.Equal([1, 1], tokenizer.Encode("aa").Ids.ToArray());
    }

    [Theory]
    [InlineData("hi</s>hi <mask>hi", "0 4 1 4 3 4 1")]
    public void LoadBpe_SpecialTokensInTexts_AreWhole(string text, string expected)
    {
        using var folder = new TempFiles();
        var path = folder.Write("vocab.json", """{"<s>":0,"</s>":1,"<pad>":2,"<mask>":3,"hi":4,"h":5,"i":6}""");

        var tokenizer = Tokenizer.LoadBpe(path, folder.Write("merges.txt", "#version: 0.2\nh i\n"));

        Assert.Equal(
            expected, string.Join(' ', tokenizer.Encode(text).Ids.ToArray().Select(id => id.ToString(CultureInfo.InvariantCulture))));
        Assert.Equal(2, tokenizer.PaddingId);
    }

    [Theory]
    [InlineData("[UNK]\n[CLS]\nhello\n", "[SEP]")]
    [InlineData("", "[UNK]")]
    public void LoadWordPiece_WithoutNeededToken_IsRefused(string vocabulary, string token)
    {
        using var folder = new TempFiles();
        var path = folder.Write("vocab.txt", vocabulary);

        Assert.Contains(token, Assert.Throws<TokenizerException>(() => Tokenizer.LoadWordPiece(path, lowercase: true)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void LoadWordPiece_OtherEncoding_IsRefused()
    {
        using var folder = new TempFiles();
        var path = folder.Write("vocab.txt", "");
        File.WriteAllBytes(path, [.. "[UNK]\n[CLS]\n[SEP]\ncaf"u8, 0xE9]);

        Assert.Contains("vocab.txt is not in UTF-8, at line 4, byte 4.",
            Assert.Throws<TokenizerException>(() => Tokenizer.LoadWordPiece(path, lowercase: true)).Message, StringComparison.Ordinal);
    }
}
