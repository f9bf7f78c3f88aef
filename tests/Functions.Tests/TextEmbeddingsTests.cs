using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>Tests the routes of Text Embeddings Inference on the real executable.</summary>
public sealed class TextEmbeddingsTests(TextServer server) : IClassFixture<TextServer>
{
    [Theory]
    [InlineData("mean", "embed", """{"inputs":"hello world","normalize":false}""", "[[4,1,0]]")]
    [InlineData("mean", "embed", """{"inputs":["hello world","hello"],"normalize":false}""", "[[4,1,0],[3.3333333,1,0]]")]
    [InlineData("mean", "embed", """{"inputs":[2,5,6,3],"normalize":false}""", "[[4,1,0]]")]
    [InlineData("mean", "embed", """{"inputs":[[2,5,6,3],[2,5,3]],"normalize":false,"dimensions":2}""", "[[4,1],[3.3333333,1]]")]
    [InlineData("mean", "embed", """{"inputs":"hello","truncate":null,"prompt_name":null,"normalize":false,"unknown":{"a":[1]}}""",
        "[[3.3333333,1,0]]")]
    [InlineData(
        "mean", "embed", """{"inputs":"hello hello hello hello hello hello world","truncate":true,"normalize":false}""", "[[4.375,1,0]]")]
    [InlineData("mean", "embed",
        """{"inputs":"hello hello hello hello hello hello world","truncate":true,"truncation_direction":"Left","normalize":false}""",
        "[[4.5,1,0]]")]
    [InlineData("mean", "embed",
        """{"inputs":"hello hello hello hello hello hello world","truncate":true,"truncation_direction":"left","normalize":false}""",
        "[[4.5,1,0]]")]
    [InlineData("prompted", "embed", """{"inputs":"hello","prompt_name":"query","normalize":false}""", "[[4,1,0]]")]
    [InlineData("prompted", "embed", """{"inputs":"hello","normalize":false}""", "[[3.3333333,1,0]]")]
    [InlineData("prompted", "tokenize", """{"inputs":"hello","prompt_name":"query","add_special_tokens":false}""",
        """[[{"id":6,"text":"world","special":false,"start":0,"stop":5},{"id":5,"text":"hello","special":false,"start":6,"stop":11}]]""")]
    [InlineData(
        "mean", "embed_all", """{"inputs":["hello","hello world"]}""", "[[[2,1,0],[5,1,0],[3,1,0]],[[2,1,0],[5,1,0],[6,1,0],[3,1,0]]]")]
    [InlineData(
        "mean", "similarity", """{"inputs":{"source_sentence":"hello","sentences":["hello"]},"parameters":{"truncate":true}}""", "[1]")]
    [InlineData("ranker", "rerank", """{"query":"hello","texts":["hello","hello world","world"],"raw_scores":true}""",
        """[{"index":1,"score":4},{"index":2,"score":-1},{"index":0,"score":-2}]""")]
    [InlineData("ranker", "rerank", """{"query":"hello","texts":["hello","wor\u006cd"],"raw_scores":true,"return_text":true}""",
        """[{"index":1,"text":"wor\u006cd","score":-1},{"index":0,"text":"hello","score":-2}]""")]
    [InlineData("ranker", "rerank", """{"query":"hello","texts":["hello","hello"],"raw_scores":true}""",
        """[{"index":0,"score":-2},{"index":1,"score":-2}]""")]
    [InlineData("classifier", "classify", """{"inputs":"world","raw_scores":true}""",
        """[{"score":1,"label":"warm"},{"score":-1,"label":"cold"}]""")]
    [InlineData("classifier", "classify", """{"inputs":["hello","world"],"raw_scores":true}""",
        """[{"score":9,"label":"warm"},{"score":-9,"label":"cold"}]""")]
    [InlineData("classifier", "classify", """{"inputs":[["world"],["hello","world"]],"raw_scores":true}""",
        """[[{"score":1,"label":"warm"},{"score":-1,"label":"cold"}],[{"score":9,"label":"warm"},{"score":-9,"label":"cold"}]]""")]
    [InlineData("mean", "tokenize", """{"inputs":"é hello"}""",
        """[[{"id":2,"text":"[CLS]","special":true,"start":null,"stop":null},{"id":1,"text":"é","special":false,"start":0,"stop":2},{"id":5,"text":"hello","special":false,"start":3,"stop":8},{"id":3,"text":"[SEP]","special":true,"start":null,"stop":null}]]""")]
    [InlineData("mean", "tokenize", """{"inputs":["hello","😀world"],"add_special_tokens":false}""",
        """[[{"id":5,"text":"hello","special":false,"start":0,"stop":5}],[{"id":1,"text":"\uD83D\uDE00world","special":false,"start":0,"stop":9}]]""")]
    [InlineData("mean", "decode", """{"ids":[2,5,6,3]}""", """["hello world"]""")]
    [InlineData("mean", "decode", """{"ids":[[2,5,3],[6]],"skip_special_tokens":false}""", """["[CLS] hello [SEP]","world"]""")]
    public async Task Call_Body_IsAnsweredInItsForm(string model, string call, string body, string expected) =>
        Assert.Equal(expected, (await server.Process.PostJsonAsync($"/models/{model}/{call}", body)).ToString());

    [Fact]
    public async Task Embed_WithoutNormalize_HasTheLengthOne()
    {
        var vector = (await server.Process.PostJsonAsync("/models/mean/embed", """{"inputs":"hello world"}"""))[0];

        Assert.Equal([4 / MathF.Sqrt(17), 1 / MathF.Sqrt(17), 0], vector.EnumerateArray().Select(value => value.GetSingle()), (x, y) =>
            MathF.Abs(x - y) < 1e-6f);
    }

    [Fact]
    public async Task Similarity_OfSentences_IsTheCosine()
    {
        var response = await server.Process.PostJsonAsync(
            "/models/mean/similarity", """{"inputs":{"source_sentence":"hello world","sentences":["hello","world"]}}""");

        // The embeddings are (4,1), (10/3,1) and (11/3,1).
        float[] expected = [Cosine(4, 10f / 3), Cosine(4, 11f / 3)];
        Assert.Equal(expected, response.EnumerateArray().Select(value => value.GetSingle()), (x, y) => MathF.Abs(x - y) < 1e-6f);

        static float Cosine(float x, float y) => ((x * y) + 1) / MathF.Sqrt(((x * x) + 1) * ((y * y) + 1));
    }

    [Fact]
    public async Task Rerank_WithoutRawScores_ReturnsTheSigmoid()
    {
        var ranks = await server.Process.PostJsonAsync("/models/ranker/rerank", """{"query":"hello","texts":["hello","hello world"]}""");

        Assert.Equal([1 / (1 + MathF.Exp(-4)), 1 / (1 + MathF.Exp(2))], ranks.EnumerateArray()
            .Select(rank => rank.GetProperty("score").GetSingle()), (x, y) => MathF.Abs(x - y) < 1e-6f);
    }

    /// <summary>Hugging Face's clients call the address of a model without a route.</summary>
    [Theory]
    [InlineData("mean", """{"inputs":["hello world"],"normalize":false}""", "[[4,1,0]]")]
    [InlineData("mean", """{"inputs":{"source_sentence":"hello","sentences":["hello"]}}""", "[1]")]
    [InlineData("ranker", """{"query":"hello","texts":["world"],"raw_scores":true}""", """[{"index":0,"score":-1}]""")]
    [InlineData("mean", """{"text":"hello world"}""", """{"model":"mean","version":1,"predictions":[[4,1,0]]}""")]
    [InlineData("ranker", """{"inputs":[{"text":"hello","text_pair":"world"}],"parameters":{"function_to_apply":"none"}}""",
        """[[{"label":"LABEL_0","score":-1}]]""")]
    [InlineData(
        "classifier", """{"inputs":"world","parameters":{"function_to_apply":"none","top_k":1}}""", """[[{"label":"warm","score":1}]]""")]
    [InlineData("plain", """{"features":[1,2,3,4]}""", """{"model":"plain","version":1,"predictions":[[2,4,6,8]]}""")]
    public async Task Model_Body_DecidesBetweenCalls(string model, string body, string expected) =>
        Assert.Equal(expected, (await server.Process.PostJsonAsync($"/models/{model}", body)).ToString());

    [Fact]
    public async Task Info_OfAnEmbeddingModel_ReturnsItsLimits()
    {
        var info = await server.Process.GetAsync("/models/mean/info");

        Assert.Equal("mean", info.GetProperty("model_id").GetString());
        Assert.Equal("""{"embedding":{"pooling":"mean"}}""", info.GetProperty("model_type").ToString());
        Assert.Equal("float32", info.GetProperty("model_dtype").GetString());
        Assert.Equal((8, 2048, false),
            (info.GetProperty("max_input_length")
                .GetInt32(), info.GetProperty("max_client_batch_size").GetInt32(), info.GetProperty("auto_truncate").GetBoolean()));
    }

    [Theory]
    [InlineData("ranker", """{"reranker":{"id2label":{"0":"LABEL_0"},"label2id":{"LABEL_0":0}}}""")]
    [InlineData("classifier", """{"classifier":{"id2label":{"0":"warm","1":"cold"},"label2id":{"warm":0,"cold":1}}}""")]
    public async Task Info_OfAClassifier_HasItsLabels(string model, string type) =>
        Assert.Equal(type, (await server.Process.GetAsync($"/models/{model}/info")).GetProperty("model_type").ToString());

    public static TheoryData<string, string, int, string, string> WrongCalls => new()
    {
        { "mean/embed", "{}", 422, "Validation", "\"inputs\" is missing" },
        { "mean/embed", """{"inputs":null}""", 422, "Validation", "\"inputs\" is missing" },
        { "mean/embed", "{", 400, "Validation", "not valid JSON" },
        { "mean/embed", """{"inputs":[]}""", 400, "Empty", "inputs has no texts" },
        { "mean/embed", """{"inputs":""}""", 400, "Empty", "inputs is empty" },
        { "mean/embed", """{"inputs":["hello",""]}""", 400, "Empty", "inputs[1] is empty" },
        { "mean/embed", """{"inputs":[[]]}""", 400, "Empty", "inputs[0] has no tokens" },
        { "mean/embed", """{"inputs":7}""", 422, "Validation", "inputs is a number" },
        { "mean/embed", """{"inputs":"a","inputs":"b"}""", 422, "Validation", "inputs is given twice" },
        { "mean/embed", """{"inputs":"a","truncate":"yes"}""", 422, "Validation", "truncate is a string; true or false is expected" },
        { "mean/embed", """{"inputs":"a","truncation_direction":"Up"}""", 422, "Validation", "truncation_direction is \"Up\"" },
        { "mean/embed", """{"inputs":"a","dimensions":0}""", 422, "Validation", "not a whole number from 1" },
        { "mean/embed", """{"inputs":"a","dimensions":4}""", 422, "Validation", "dimensions is 4; the model's embeddings have 3" },
        { "mean/embed", """{"inputs":"a","prompt_name":"query"}""", 422, "Validation", "has no prompts" },
        { "prompted/embed", """{"inputs":"a","prompt_name":"quer"}""", 422, "Validation", "no prompt \"quer\"" },
        { "mean/embed", """{"inputs":"hello hello hello hello hello hello hello"}""", 422, "Validation", "more than the 8 tokens" },
        { "mean/embed", $$"""{"inputs":[{{string.Join(',', Enumerable.Repeat("\"a\"", 2049))}}]}""", 413, "Validation",
            "more than 2048 texts" },
        { "none/embed_all", """{"inputs":"hello"}""", 424, "Backend", "no FP32 output of rank 3" },
        { "mean/embed_sparse", """{"inputs":"hello"}""", 424, "Backend", "SPLADE" },
        { "plain/embed", """{"inputs":"hello"}""", 424, "Backend", "accepts no text" },
        { "plain/tokenize", """{"inputs":"hello"}""", 424, "Backend", "accepts no text" },
        { "plain/info", "", 424, "Backend", "accepts no text" },
        { "unknown/embed", """{"inputs":"hello"}""", 404, "Validation", "no model unknown" },
        { "lost/embed", """{"inputs":"hello"}""", 503, "Unhealthy", "cannot be loaded" },
        { "mean/similarity", """{"inputs":{"source_sentence":"a","sentences":[]}}""", 400, "Empty", "inputs.sentences has no texts" },
        { "mean/similarity", """{"inputs":{"sentences":["a"]}}""", 422, "Validation", "\"inputs.source_sentence\" is missing" },
        { "mean/similarity", """{"inputs":{"source_sentence":"hello hello hello hello hello hello hello","sentences":["a"]}}""", 422,
            "Validation", "inputs.source_sentence has more" },
        { "mean/similarity", """{"inputs":{"source_sentence":"a","sentences":["a","hello hello hello hello hello hello hello"]}}""", 422,
            "Validation", "inputs.sentences[1] has more" },
        { "ranker/rerank", """{"query":"a","texts":[]}""", 400, "Empty", "texts has no texts" },
        { "ranker/rerank", """{"query":"a","texts":"b"}""", 422, "Validation", "texts is a string; an array of texts is expected" },
        { "mean/rerank", """{"query":"hello","texts":["b"]}""", 424, "Backend", "no FP32 output of rank 2" },
        { "classifier/rerank", """{"query":"hello","texts":["b"]}""", 424, "Backend", "its task is text-classification" },
        { "ranker/embed", """{"inputs":"hello"}""", 424, "Backend", "its task is text-ranking" },
        { "classifier/similarity", """{"inputs":{"source_sentence":"a","sentences":["b"]}}""", 424, "Backend",
            "its task is text-classification" },
        { "prompted/classify", """{"inputs":"hello"}""", 424, "Backend", "its task is feature-extraction" },
        { "classifier/classify", """{"inputs":["a","b","c"]}""", 422, "Validation", "more than two texts" },
        { "classifier/classify", """{"inputs":[["a"],"b"]}""", 422, "Validation", "inputs[1] is a string" },
        { "mean/tokenize", """{"inputs":[]}""", 400, "Empty", "inputs has no texts" },
        { "mean/tokenize", """{"inputs":[7]}""", 422, "Validation", "inputs[0] is a number" },
        { "mean/tokenize", $$"""{"inputs":"{{new string('a', 16_385)}}"}""", 422, "Validation", "inputs is longer than 16384 bytes" },
        { "mean/tokenize", $$"""{"inputs":["a","{{new string('a', 16_385)}}"]}""", 422, "Validation", "inputs[1] is longer than 16384" },
        { "mean/decode", """{"ids":[]}""", 400, "Empty", "ids has no tokens" },
        { "mean/decode", """{"ids":[-1]}""", 422, "Validation", "not a whole number from 0" },
    };

    [Theory]
    [MemberData(nameof(WrongCalls))]
    public async Task Call_ThatIsWrong_IsReportedAsTextEmbeddingsInferenceDoes(
        string call, string body, int status, string type, string message)
    {
        using var response = await (body.Length == 0
            ? server.Process.Client.GetAsync(new Uri($"/models/{call}", UriKind.Relative))
            : server.Process.PostAsync($"/models/{call}", body));

        var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        AssertText.Contains(message, error.GetProperty("error").GetString());
        Assert.Equal((status, type), ((int)response.StatusCode, error.GetProperty("error_type").GetString()));
    }

    [Fact]
    public async Task Call_WithAnotherMethod_IsReportedInTheSameFormat()
    {
        using var response = await server.Process.Client.GetAsync(new Uri("/models/mean/embed", UriKind.Relative));

        var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal((405, "Validation"), ((int)response.StatusCode, error.GetProperty("error_type").GetString()));
    }

    /// <summary>The texts are tokenized on a compute slot. Until then, the server keeps only their positions in the body.</summary>
    [Fact]
    public async Task Tokenize_ManyLongTexts_FindsEveryToken()
    {
        const int Words = 2000;
        var text = string.Join(' ', Enumerable.Repeat("world", Words));

        var tokens = await server.Process.PostJsonAsync(
            "/models/mean/tokenize", JsonSerializer.Serialize(new { inputs = Enumerable.Repeat(text, 20), add_special_tokens = false }));

        Assert.All(tokens.EnumerateArray(), list =>
        {
            Assert.Equal(Words, list.GetArrayLength());
            Assert.Equal(text.Length, list[Words - 1].GetProperty("stop").GetInt32());
        });
    }
}
