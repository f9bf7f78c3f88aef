using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Embeddings;
using Inference.Requests;
using static Inference.Protocols.Tests.Signatures;

namespace Inference.Protocols.Tests;

/// <summary>
/// Tests texts that are sent as tokens, as LangChain does by default, and vocabularies with the byte order mark of Windows tools.
/// </summary>
public sealed class TokenFormsTests
{
    private const string Fix = "check_embedding_ctx_length=False";

    [Theory]
    [InlineData("[2,5,6]")]
    [InlineData("[[2,5,6]]")]
    [InlineData("[2.0,5.0,6e0]")]
    public void ToRequest_TokensOfTheVocabulary_AreAccepted(string input)
    {
        using var request = TextModel.Complete(Read(TextModel.Instance, input));

        Assert.Equal([2, 5, 6], request.Inputs[0].Tensor.Values<long>().ToArray());
    }

    [Theory]
    [InlineData("[2,7]", "input has token 7, but the token ids of the model are 0 to 6.")]
    [InlineData("[[2,5],[100257]]", "input[1] has token 100257")]
    [InlineData("[2,-1]", "input has a value that is not a whole number from 0")]
    public void ToRequest_TokensBeyondTheVocabulary_AreRefusedWithTheFix(string input, string message)
    {
        AssertInvalid(message, () => TextModel.Complete(Read(TextModel.Instance, input)));
        if (!input.Contains('-', StringComparison.Ordinal))
            AssertInvalid(Fix, () => TextModel.Complete(Read(TextModel.Instance, input)));
    }

    [Fact]
    public void ToRequest_ModelThatTakesNoTokens_RefusesThemWithTheFix()
    {
        var model = TextModel.Instance with { Text = TextModel.Instance.Text! with { AcceptTokens = false } };

        AssertInvalid("\"acceptTokens\" in its model.json", () => Read(model, "[2,5]"));
        AssertInvalid(Fix, () => Read(model, "[[2,5]]"));
        Read(model, "[\"hello\"]").Dispose();
    }

    [Fact]
    public void Encode_VocabulariesWithAByteOrderMark_HaveTheSameTokens()
    {
        var folder = Directory.CreateTempSubdirectory("inference-test-");
        try
        {
            const string Mark = "\uFEFF";
            File.WriteAllText(Path.Combine(folder.FullName, "vocab.txt"), $"{Mark}hello\n[UNK]\n[CLS]\n[SEP]\n[PAD]\n[MASK]\n");
            File.WriteAllText(Path.Combine(folder.FullName, "vocab.json"), $$"""{{Mark}}{"h":0,"i":1,"hi":2}""");
            File.WriteAllText(Path.Combine(folder.FullName, "merges.txt"), $"{Mark}#version: 0.2\nh i\n");

            File.WriteAllText(
                Path.Combine(folder.FullName, "tokenizer.json"),
                Mark + """{"pre_tokenizer":{"type":"WhitespaceSplit"},"model":{"type":"WordLevel","unk_token":"-","vocab":{"-":0,"hi":7}}}""");

            Assert.Equal([7, 0], Tokens(folder, TokenizerKind.HuggingFace, "hi you"));
            Assert.Equal([2, 0, 3], Tokens(folder, TokenizerKind.WordPiece, "hello"));
            Assert.Equal([2], Tokens(folder, TokenizerKind.Bpe, "hi"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static long[] Tokens(DirectoryInfo folder, TokenizerKind kind, string text)
    {
        var model = TextModel.Instance with { Folder = folder.FullName, Text = new TextSettings { Tokenizer = kind } };
        using var request = TextModel.Complete(Read(model, $"\"{text}\""));
        return request.Inputs[0].Tensor.Values<long>().ToArray();
    }

    /// <summary>Reads a body whose optional members are null, as OpenAI's packages for other languages than Python write them.</summary>
    private static PredictionRequest Read(Model model, string input) =>
        new EmbeddingBody(Utf8($$"""{"model":"m","encoding_format":null,"dimensions":null,"user":null,"input":{{input}}}"""))
            .ToRequest(model);
}
