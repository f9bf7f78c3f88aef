using System.Globalization;

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
    [InlineData("""{"model":{"type":"BPE","vocab":{"a":0},"merges":["a b c"]}}""", "model.merges[0]", "two tokens")]
    [InlineData("""{"model":{"type":"WordLevel","vocab":{"a":"0"}}}""", "model.vocab.a", "number")]
    [InlineData("""{"model":{"type":"Unigram","unk_id":5,"vocab":[["a",0]]}}""", "model.unk_id", "has 1 token")]
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
        Assert.Contains(problem, message, StringComparison.Ordinal);
        Assert.True(message.Length < 500, message);
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

    [Theory]
    [InlineData("hi</s>hi <mask>hi", "0 4 1 4 3 4 1")]
    public void LoadBpe_SpecialTokensInTexts_AreWhole(string text, string expected)
    {
        using var folder = new TempFiles();
        var path = folder.Write("vocab.json", """{"<s>":0,"</s>":1,"<pad>":2,"<mask>":3,"hi":4,"h":5,"i":6}""");

        var tokenizer = Tokenizer.LoadBpe(path, folder.Write("merges.txt", "#version: 0.2\nh i\n"));

        Assert.Equal(
            expected, string.Join(' ', tokenizer.Encode(text).Ids.ToArray().Select(id => id.ToString(CultureInfo.InvariantCulture))));
        Assert.Equal(2, tokenizer.Padding!.Id);
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

        Assert.Contains("vocab.txt is not in UTF-8",
            Assert.Throws<TokenizerException>(() => Tokenizer.LoadWordPiece(path, lowercase: true)).Message, StringComparison.Ordinal);
    }
}
