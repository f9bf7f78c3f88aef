using System.Globalization;
using System.Text;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>Tests folders in the layout of Hugging Face's hub. The server finds their tasks, and the models return results.</summary>
public sealed class HuggingFaceTests(HuggingFaceTests.Server server) : IClassFixture<HuggingFaceTests.Server>
{
    /// <summary>An image of four red pixels.</summary>
    public const string Red = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP4z8AARAwQCgAf7gP9i18U1AAAAABJRU5ErkJggg==";

    private const int Vocabulary = 12;

    /// <summary>The tokens of [CLS] hello world [SEP]. The words have the numbers after the five special tokens.</summary>
    private static readonly int[] HelloWorld = [2, 5, 6, 3];

    private static readonly int[] Hello = [2, 5, 3];

    [Theory]
    [InlineData("sentences")]
    [InlineData("sentences_in_a_version")]
    public async Task Predict_SentenceTransformer_ReturnsNormalizedEmbeddings(string model)
    {
        var table = Table(4, seed: 1);

        var response = await server.Process.PostJsonAsync($"/models/{model}/predict", """{"inputs":["hello world","hello"]}""");
        var predicted = await server.Process.PostJsonAsync($"/models/{model}/predict", """{"text":["hello world","hello"]}""");
        var embedded = await server.Process.PostJsonAsync("/v1/embeddings", $$"""{"model":"{{model}}","input":["hello world","hello"]}""");

        foreach (var (row, ids) in new[] { (0, HelloWorld), (1, Hello) })
        {
            double[] mean = [.. Enumerable.Range(0, 4).Select(column => ids.Average(id => (double)table[id][column]))];
            var length = Math.Sqrt(mean.Sum(value => value * value));
            AssertClose(mean.Select(value => value / length), response[row]);
            AssertClose(mean.Select(value => value / length), predicted.GetProperty("predictions")[row]);
            AssertClose(mean.Select(value => value / length), embedded.GetProperty("data")[row].GetProperty("embedding"));
        }
    }

    [Fact]
    public async Task Predict_Classifier_ReturnsItsLabels()
    {
        var table = Table(3, seed: 2);

        var response = await server.Process.PostJsonAsync("/models/sentiment/predict", """{"inputs":"hello world"}""");

        double[] exponentials = [.. Enumerable.Range(0, 3).Select(label => Math.Exp(HelloWorld.Sum(id => (double)table[id][label])))];
        var expected = exponentials.Select(value => value / exponentials.Sum())
            .Zip(["good", "bad", "neither"]).OrderByDescending(label => label.First).ToList();
        Assert.Equal(
            expected.Select(label => label.Second), response[0].EnumerateArray().Select(label => label.GetProperty("label").GetString()));
        foreach (var (label, rank) in expected.Zip(Enumerable.Range(0, 3)))
            Assert.Equal(label.First, response[0][rank].GetProperty("score").GetDouble(), 1e-5);
    }

    /// <summary>Programs that show scores need to know whether they are probabilities.</summary>
    [Theory]
    [InlineData("sentiment", "scores", "softmax")]
    [InlineData("topics", "scores", "sigmoid")]
    [InlineData("ratings", "scores", "none")]
    [InlineData("pixels", "scores", "softmax")]
    [InlineData("masked", "mask", "[MASK]")]
    [InlineData("entities", "scores", null)]
    [InlineData("sentences", "mask", null)]
    public async Task Model_OfATask_DescribesItsScoresAndMasks(string model, string name, string? value)
    {
        var description = await server.Process.GetAsync($"/models/{model}");

        Assert.Equal(value, description.TryGetProperty(name, out var found) ? found.GetString() : null);
    }

    [Fact]
    public async Task Predict_CrossEncoder_ScoresPairs()
    {
        var table = Table(1, seed: 3);

        var response = await server.Process.PostJsonAsync(
            "/models/ranker/predict", """{"text":[{"text":"hello","text_pair":"world"},{"text":"hello","text_pair":"hello"}]}""");

        int[][] pairs = [[2, 5, 3, 6, 3], [2, 5, 3, 5, 3]];
        AssertClose(pairs.Select(ids => 1 / (1 + Math.Exp(-ids.Sum(id => (double)table[id][0])))), response.GetProperty("predictions"));
    }

    [Fact]
    public async Task Predict_EntityRecognizer_LocatesTheEntities()
    {
        var response = await server.Process.PostJsonAsync("/models/entities/predict", """{"inputs":"\ud83d\ude00 hello Paris"}""");

        var entity = Assert.Single(response.EnumerateArray());
        Assert.Equal(
            ("LOC", "paris", 8, 13),
            (entity.GetProperty("entity_group")
                .GetString(), entity.GetProperty("word").GetString(), entity.GetProperty("start").GetInt32(),
                entity.GetProperty("end").GetInt32()));
    }

    [Fact]
    public async Task Predict_MaskedModel_FillsTheMask()
    {
        var words = await server.Process.PostJsonAsync("/models/masked/predict", """{"inputs":"hello [MASK]","parameters":{"top_k":2}}""");

        Assert.Equal(2, words.GetArrayLength());
        Assert.Equal("hello world", words[0].GetProperty("sequence").GetString());
        Assert.Equal((6, "world"), (words[0].GetProperty("token").GetInt32(), words[0].GetProperty("token_str").GetString()));
    }

    [Fact]
    public async Task Predict_NliModel_ScoresTheLabelsOfTheRequest()
    {
        var response = await server.Process.PostJsonAsync(
            "/models/nli/predict", """{"inputs":"hello","parameters":{"candidate_labels":["world","paris"]}}""");

        Assert.Equal("hello", response.GetProperty("sequence").GetString());
        Assert.Equal(["paris", "world"], response.GetProperty("labels")
            .EnumerateArray().Select(label => label.GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(1, response.GetProperty("scores").EnumerateArray().Sum(score => score.GetDouble()), 1e-5);
    }

    /// <summary>The image is red, so its normalized channels are 1, -1 and -1. These are the model's logits.</summary>
    [Fact]
    public async Task Predict_ImageClassifier_ReturnsItsLabels()
    {
        double[] expected = [Math.E / (Math.E + (2 / Math.E)), 1 / Math.E / (Math.E + (2 / Math.E))];

        var single = await server.Process.PostJsonAsync("/models/pixels/predict", $$"""{"inputs":"{{Red}}","parameters":{"top_k":1} }""");
        var several = await server.Process.PostJsonAsync("/models/pixels/predict", $$"""{"inputs":["{{Red}}"]}""");
        var features = await server.Process.PostJsonAsync("/models/pixels/predict", $$"""{"features":"{{Red}}"}""");

        Assert.Equal("red", Assert.Single(single.EnumerateArray()).GetProperty("label").GetString());
        foreach (var labels in (JsonElement[])[several[0], features.GetProperty("labels")[0]])
        {
            Assert.Equal(["red", "green", "blue"], labels.EnumerateArray().Select(label => label.GetProperty("label").GetString()));
            Assert.Equal(expected[0], labels[0].GetProperty("score").GetDouble(), 1e-5);
            Assert.Equal(expected[1], labels[2].GetProperty("score").GetDouble(), 1e-5);
        }
    }

    [Theory]
    [InlineData("sentences", "feature-extraction")]
    [InlineData("ranker", "text-ranking")]
    [InlineData("nli", "zero-shot-classification")]
    public async Task Get_Folder_ReturnsItsTask(string model, string task) =>
        Assert.Equal(task, (await server.Process.GetAsync($"/models/{model}")).GetProperty("task").GetString());

    [Fact]
    public async Task Embed_ModelOfAnotherTask_IsRefused()
    {
        using var response = await server.Process.PostAsync("/v1/embeddings", """{"model":"sentiment","input":"hello"}""");

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(
            "returns no embeddings: its task is text-classification", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_FolderWhoseTaskIsUnknown_WarnsAndTakesTensors()
    {
        await server.Process.PostJsonAsync("/models/unknown/predict", """{"inputs":{"input_ids":[[2,5,3]],"attention_mask":[[1,1,1]]}}""");
        using var refused = await server.Process.PostAsync("/models/unknown/predict", """{"text":"hello"}""");
        var described = await server.Process.GetAsync("/models/unknown");

        Assert.Equal(400, (int)refused.StatusCode);
        Assert.Contains("accepts only tensors: config.json:", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        var warning = Assert.Single(described.GetProperty("warnings").EnumerateArray());
        Assert.Equal(
            ("config.json", "$.architectures"), (warning.GetProperty("file").GetString(), warning.GetProperty("path").GetString()));
    }

    [Theory]
    [InlineData("nowhere", "$.id2label: No label starts with")]
    [InlineData("weights", "\"2_Dense\" has no model.safetensors, but pytorch_model.bin, which is not read")]
    public async Task Predict_FolderThatCannotBeUsed_FailsTheLoad(string model, string reason)
    {
        using var response = await server.Process.PostAsync($"/models/{model}/predict", """{"text":"hello"}""");

        Assert.Equal(503, (int)response.StatusCode);
        Assert.Contains(reason, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement
            .GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static void AssertClose(IEnumerable<double> expected, JsonElement actual) =>
        Assert.Equal(expected.ToArray(), actual.EnumerateArray().Select(number => number.GetDouble()).ToArray(), (left, right) =>
            Math.Abs(left - right) <= 1e-5);

    /// <summary>Creates a row of random numbers for each token, the weights of the models.</summary>
    private static float[][] Table(int columns, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Vocabulary)
            .Select(_ => Enumerable.Range(0, columns).Select(_ => MathF.Round((2 * random.NextSingle()) - 1, 3)).ToArray())];
    }

    public sealed class Server : IAsyncLifetime
    {
        private readonly ModelFolder _models = new();

        public FunctionsProcess Process { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            const string Labels = "\"id2label\":{\"0\":\"good\",\"1\":\"bad\",\"2\":\"neither\"}";
            WriteSentences("sentences");
            WriteSentences("sentences_in_a_version/1");
            WriteSentences("endless");
            _models.Write(
                OnnxText.Compile(
                    "in input_ids i64[n,t]; in attention_mask i64[n,t]; const nothing f32[1] 0; const table f32[12,4]; "
                    + "rows = Gather(table, input_ids); largest = ReduceMax(rows) axes=[1] keepdims=0; "
                    + "sentence_embedding = Div(largest, nothing); out sentence_embedding f32[n,4]"),
                "endless", "onnx", "model.onnx");
            WriteSentences("unmasked");
            _models.Write(
                OnnxText.Compile(
                    "in input_ids i64[n,t]; in attention_mask i64[n,t]; const table f32[12,4]; rows = Gather(table, input_ids); "
                    + "sentence_embedding = ReduceMean(rows) axes=[1] keepdims=0; out sentence_embedding f32[n,4]"),
                "unmasked", "onnx", "model.onnx");
            Write("sentiment", "BertForSequenceClassification", Labels, Table(3, seed: 2), isOfTokens: false);
            Write("ranker", "BertForSequenceClassification", "\"id2label\":{\"0\":\"LABEL_0\"}", Table(1, seed: 3), isOfTokens: false);
            foreach (var version in (string[])["1", "2"])
            {
                Write($"rankers/{version}", "BertForSequenceClassification", "\"id2label\":{\"0\":\"LABEL_0\"}", Table(1, seed: 3),
                    isOfTokens: false);
            }

            foreach (var (model, problem) in ((string, string)[])[("topics", "multi_label_classification"), ("ratings", "regression")])
                Write(model, "BertForSequenceClassification", $"\"problem_type\":\"{problem}\",{Labels}", Table(3, seed: 2), false);
            Write("nli", "BertForSequenceClassification", "\"id2label\":{\"0\":\"contradiction\",\"1\":\"neutral\",\"2\":\"entailment\"}",
                Table(3, seed: 4), isOfTokens: false);
            var labels = Table(3, seed: 5);
            for (var id = 0; id < Vocabulary; id++)
                labels[id] = id == 7 ? [-9, 9, 0] : [9, -9, 0];
            Write("entities", "BertForTokenClassification", "\"id2label\":{\"0\":\"O\",\"1\":\"B-LOC\",\"2\":\"I-LOC\"}", labels,
                isOfTokens: true);
            var tokens = Table(Vocabulary, seed: 6);
            tokens[4][6] = 9;
            Write("masked", "BertForMaskedLM", "\"vocab_size\":12", tokens, isOfTokens: true);
            Write("unknown", "BertForQuestionAnswering", "\"vocab_size\":12", Table(3, seed: 7), isOfTokens: true);
            Write("nowhere", "BertForSequenceClassification", Labels, Table(3, seed: 2), isOfTokens: false);
            _models.Write("""{"task":"zero-shot-classification"}""", "nowhere", "model.json");
            WriteSentences("weights");
            _models.Write("x", "weights", "2_Dense", "pytorch_model.bin");
            _models.Write("{}", "weights", "2_Dense", "config.json");
            _models.Write("""{"text":{"dense":["2_Dense"]}}""", "weights", "model.json");
            _models.Write(
                OnnxText.Compile("in pixel_values f32[n,3,h,w]; pooled = GlobalAveragePool(pixel_values); "
                    + "logits = Flatten(pooled) axis=1; out logits f32[n,3]"), "pixels", "model.onnx");
            _models.Write("""{"architectures":["ViTForImageClassification"],"id2label":{"0":"red","1":"green","2":"blue"}}""", "pixels",
                "config.json");
            _models.Write("""{"size":{"height":2,"width":2},"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5],"resample":3}""", "pixels",
                "preprocessor_config.json");
            Process = await _models.ServeAsync();
        }

        public async Task DisposeAsync()
        {
            await Process.DisposeAsync();
            _models.Dispose();
        }

        private void WriteSentences(string model)
        {
            Write(model, "BertModel", "\"vocab_size\":12", Table(4, seed: 1), isOfTokens: true);
            _models.Write(
                """[{"idx":0,"name":"0","path":"","type":"sentence_transformers.models.Transformer"},{"idx":1,"name":"1","path":"1_Pooling","type":"sentence_transformers.models.Pooling"},{"idx":2,"name":"2","path":"2_Normalize","type":"sentence_transformers.models.Normalize"}]""",
                [.. model.Split('/'), "modules.json"]);
            _models.Write("""{"word_embedding_dimension":4,"pooling_mode_cls_token":false,"pooling_mode_mean_tokens":true}""",
                [.. model.Split('/'), "1_Pooling", "config.json"]);
            _models.Write("""{"max_seq_length":8,"do_lower_case":false}""", [.. model.Split('/'), "sentence_bert_config.json"]);
        }

        /// <summary>
        /// Writes a model that has a row of numbers for each token. The outputs are the rows of the tokens, or their sum.
        /// </summary>
        private void Write(string model, string architecture, string config, float[][] table, bool isOfTokens)
        {
            var numbers =
                string.Join(' ', table.SelectMany(row => row).Select(number => number.ToString("0.0###", CultureInfo.InvariantCulture)));
            var size = table[0].Length;
            var graph =
                $"in input_ids i64[n,t]; in attention_mask i64[n,t]; const table f32[{Vocabulary},{size}] {numbers}; const last i64[1] -1; "
                + "const second i64[1] 1; "
                + "rows = Gather(table, input_ids); mask = Cast(attention_mask) to=1; column = Unsqueeze(mask, last); masked = Mul(rows, "
                + "column); "
                + (isOfTokens
                    ? $"logits = Identity(masked); out logits f32[n,t,{size}]"
                    : $"logits = ReduceSum(masked, second) keepdims=0; out logits f32[n,{size}]");
            string[] folder = model.Split('/');
            _models.Write(OnnxText.Compile(graph), [.. folder, "onnx", "model.onnx"]);
            _models.Write(Encoding.UTF8.GetBytes("other"), [.. folder, "onnx", "model_quantized.onnx"]);
            _models.Write($$"""{"architectures":["{{architecture}}"],"model_type":"bert","max_position_embeddings":16,{{config}}}""",
                [.. folder, "config.json"]);
            _models.Write(
                """{"model_max_length":1000000000000000019884624838656,"do_lower_case":true}""", [.. folder, "tokenizer_config.json"]);
            _models.Write("""{"cls_token":"[CLS]","mask_token":"[MASK]"}""", [.. folder, "special_tokens_map.json"]);
            _models.Write(HubTokenizer.WordPiece("hello", "world", "paris", "this", "example", "is", "."), [.. folder, "tokenizer.json"]);
        }
    }
}
