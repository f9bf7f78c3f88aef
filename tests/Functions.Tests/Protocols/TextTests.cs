using System.Runtime.InteropServices;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests.Protocols;

/// <summary>
/// Tests texts and embeddings on the real executable. The vector of a token is (its number, 1, 0). The vector of padding is far from the
/// others.
/// </summary>
public sealed class TextTests(TextTests.Server server) : IClassFixture<TextTests.Server>
{
    [Theory]
    [InlineData("mean", """{"text":"Hello world"}""", "[[4,1,0]]")]
    [InlineData("mean", """{"text":["hello world","Hello"]}""", "[[4,1,0],[3.3333333,1,0]]")]
    [InlineData("cls", """{"text":["hello world","hello"]}""", "[[2,1,0],[2,1,0]]")]
    [InlineData("none", """{"text":"hello"}""", "[[[2,1,0],[5,1,0],[3,1,0]]]")]
    [InlineData("bpe", """{"text":["ab ab","a"]}""", "[[4.75,1,0],[2,1,0]]")]
    public async Task Predict_Text_IsTokenizedAndPooled(string model, string body, string expected) =>
        Assert.Equal(
            expected, (await server.Process.PostJsonAsync($"/models/{model}/predict", body)).GetProperty("predictions").ToString());

    /// <summary>A model without a mask treats padding as words, so a text must not be padded to the length of another text.</summary>
    [Theory]
    [InlineData("maskless", """["hello world","hello","world hello"]""", "[[8,2],[6.6666665,2],[8,2]]")]
    [InlineData("maskless", """["hello","hello"]""", "[[6.6666665,2],[6.6666665,2]]")]
    [InlineData(
        "maskless_none", """["hello","hello world"]""", "[[[5.333333,2],[8.333333,2],[6.333333,2],[0,0]],[[6,2],[9,2],[10,2],[7,2]]]")]
    [InlineData("maskless_delayed", """["hello world","hello"]""", "[[8,2],[6.6666665,2]]")]
    public async Task Predict_TextsOfOtherLengthsWithoutAMask_AreAnsweredAsEachAlone(string model, string texts, string expected) =>
        Assert.Equal(expected, (await server.Process.PostJsonAsync($"/models/{model}/predict", $$"""{"text":{{texts}}}"""))
            .GetProperty("predictions").ToString());

    [Fact]
    public async Task Embed_TextsOfOtherLengthsWithoutAMask_AreAnsweredAsEachAlone()
    {
        var response = await server.Process.PostJsonAsync(
            "/v1/embeddings", """{"model":"maskless","input":["hello","hello world hello world","hello world"]}""");

        var embeddings = response.GetProperty("data").EnumerateArray().Select(item => item.GetProperty("embedding").ToString());
        Assert.Equal(["[6.6666665,2]", "[9,2]", "[8,2]"], embeddings);
    }

    [Theory]
    [InlineData(
        "mean", """{"text":"hello hello hello hello hello hello hello"}""", 400, "text has more than the 8 tokens that the model takes")]
    [InlineData("mean", """{"text":[]}""", 400, "text has no texts")]
    [InlineData("mean", """{"text":[7]}""", 400, "text[0] is a number; a string is expected")]
    [InlineData("mean", """{"text":"a","inputs":{}}""", 400, "cannot be combined")]
    [InlineData("plain", """{"text":"a"}""", 400, "accepts no text")]
    [InlineData("lost", """{"text":"a"}""", 503, "tokenizer of model lost/1 cannot be loaded")]
    [InlineData("unnamed", """{"text":"a"}""", 503,
        "unnamed/1 has vocab.txt but no tokenizer.json beside its file. Set \"text\": {\"tokenizer\": \"wordpiece\"}")]
    public async Task Predict_WrongText_NamesTheProblem(string model, string body, int status, string detail)
    {
        using var response = await server.Process.PostAsync($"/models/{model}/predict", body);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(detail, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement
            .GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"model":"mean","input":"hello world"}""", 4)]
    [InlineData("""{"model":"mean","input":[2,5,6,3],"user":"u"}""", 4)]
    public async Task Embed_OneInput_IsAnsweredAsOpenAiDoes(string body, int tokens)
    {
        var response = await server.Process.PostJsonAsync("/v1/embeddings", body);

        Assert.Equal(
            $$$"""{"object":"list","data":[{"object":"embedding","index":0,"embedding":[4,1,0]}],"model":"mean","usage":{"prompt_tokens":{{{tokens}}},"total_tokens":{{{tokens}}}}}""",
            response.ToString());
    }

    [Theory]
    [InlineData("""{"model":"mean","input":["hello world","hello"],"encoding_format":"base64"}""")]
    [InlineData("""{"model":"mean","input":[[2,5,6,3],[2,5,3]],"encoding_format":"base64"}""")]
    public async Task Embed_SeveralInputsInBase64_AreLittleEndianFloats(string body)
    {
        var data = (await server.Process.PostJsonAsync("/v1/embeddings", body)).GetProperty("data");

        Assert.Equal([4f, 1, 0], Floats(data[0]));
        Assert.Equal([10 / 3f, 1, 0], Floats(data[1]));
        Assert.Equal(1, data[1].GetProperty("index").GetInt32());
    }

    /// <summary>OpenAI's clients may send the id of a Hugging Face repository as the model.</summary>
    [Fact]
    public async Task Embed_NameOfARepository_IsAModel()
    {
        var response = await server.Process.PostJsonAsync("/v1/embeddings", """{"model":"org/mean","input":"hello world"}""");

        Assert.Equal("org--mean", response.GetProperty("model").GetString());
    }

    [Theory]
    [InlineData("org%2Fmean")]
    [InlineData("org%2fmean")]
    [InlineData("org--mean")]
    public async Task OpenAiModel_NameOfARepository_IsAModel(string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/v1/models/{model}");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer any");

        using var response = await server.Process.Client.SendAsync(request);

        Assert.Equal(
            "org--mean", JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("id").GetString());
    }

    [Fact]
    public async Task Embed_FewerDimensions_HaveTheLengthOneAgain()
    {
        var body = """{"model":"unit","input":"hello world","dimensions":#}""";

        var (two, one) = (await EmbeddingAsync(body.Replace('#', '2')), await EmbeddingAsync(body.Replace('#', '1')));

        Assert.Equal([4 / MathF.Sqrt(17), 1 / MathF.Sqrt(17)], two, (x, y) => MathF.Abs(x - y) < 1e-6f);
        Assert.Equal([1f], one);
    }

    [Theory]
    [InlineData("{}", 400, "\"model\" is missing", "invalid_request_error")]
    [InlineData("""{"model":"mean"}""", 400, "\"input\" is missing", "invalid_request_error")]
    [InlineData("""{"model":"mean","input":[]}""", 400, "input has no texts", "invalid_request_error")]
    [InlineData("""{"model":"mean","input":["a",[1]]}""", 400, "mixes texts and tokens", "invalid_request_error")]
    [InlineData("""{"model":"mean","input":[-1]}""", 400, "not a whole number from 0", "invalid_request_error")]
    [InlineData("""{"model":"mean","input":[""", 400, "not valid JSON", "invalid_request_error")]
    [InlineData("""{"model":"mean","input":"hello","encoding_format":"int8"}""", 400, "\"float\" or \"base64\" is expected",
        "invalid_request_error")]
    [InlineData("""{"model":"mean","input":"hello","dimensions":4}""", 400, "dimensions is 4; the model's embeddings have 3",
        "invalid_request_error")]
    [InlineData("""{"model":"none","input":"hello"}""", 400, "returns no embeddings", "invalid_request_error")]
    [InlineData("""{"model":"unknown","input":"hello"}""", 404, "no model unknown", "invalid_request_error")]
    [InlineData("""{"model":"lost","input":"hello"}""", 503, "tokenizer", "server_error")]
    public async Task Embed_WrongRequest_IsReportedAsOpenAiDoes(string body, int status, string message, string type)
    {
        using var response = await server.Process.PostAsync("/v1/embeddings", body);

        var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error");
        Assert.Equal((status, type), ((int)response.StatusCode, error.GetProperty("type").GetString()));
        AssertText.Contains(message, error.GetProperty("message").GetString());
    }

    private static float[] Floats(JsonElement embedding) =>
        MemoryMarshal.Cast<byte, float>(embedding.GetProperty("embedding").GetBytesFromBase64()).ToArray();

    private async Task<float[]> EmbeddingAsync(string body)
    {
        var response = await server.Process.PostJsonAsync("/v1/embeddings", body);
        return [.. response.GetProperty("data")[0].GetProperty("embedding").EnumerateArray().Select(value => value.GetSingle())];
    }

    public sealed class Server : IAsyncLifetime
    {
        private readonly ModelFolder _models = new();

        public FunctionsProcess Process { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            foreach (var model in (string[])["mean", "cls", "none", "unit", "lost", "unnamed", "plain", "bpe", "org--mean"])
                TestModels.CopyTo("embedder", _models.PathOf(model, "1"));
            string[] maskless = ["maskless", "maskless_none", "maskless_delayed"];
            foreach (var model in maskless)
                TestModels.CopyTo("maskless", _models.PathOf(model, "1"));
            foreach (var model in (string[])["mean", "cls", "none", "unit", "unnamed", "org--mean", .. maskless])
                _models.Write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\nworld\n", model, "1", "vocab.txt");
            _models.Write("""{"<s>":1,"<pad>":0,"</s>":2,"a":3,"b":4,"ab":7,"\u0120":8,"\u0120ab":9}""", "bpe", "1", "vocab.json");
            _models.Write("#version: 0.2\na b\n\u0120 ab\n", "bpe", "1", "merges.txt");
            foreach (var model in (string[])["mean", "org--mean"])
                _models.Write("""{"text":{"tokenizer":"wordpiece","lowercase":true,"maxTokens":8}}""", model, "model.json");
            _models.Write("""{"text":{"tokenizer":"wordpiece","pooling":"cls"}}""", "cls", "model.json");
            _models.Write("""{"text":{"tokenizer":"wordpiece","pooling":"none"}}""", "none", "model.json");
            _models.Write("""{"text":{"tokenizer":"wordpiece","normalize":true}}""", "unit", "model.json");
            _models.Write("""{"text":{"tokenizer":"wordpiece"}}""", "lost", "model.json");
            _models.Write("""{"text":{"lowercase":true}}""", "unnamed", "model.json");
            _models.Write("""{"text":{"tokenizer":"wordpiece"}}""", "maskless", "model.json");
            _models.Write("""{"text":{"tokenizer":"wordpiece","pooling":"none"}}""", "maskless_none", "model.json");
            _models.Write("""{"text":{"tokenizer":"wordpiece"},"batching":{"contract":"declared","maxDelay":"00:00:00.010"}}""",
                "maskless_delayed", "model.json");
            _models.Write("""{"text":{"tokenizer":"bpe"}}""", "bpe", "model.json");
            Process = await _models.ServeAsync();
        }

        public async Task DisposeAsync()
        {
            await Process.DisposeAsync();
            _models.Dispose();
        }
    }
}
