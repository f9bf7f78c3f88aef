using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Inference.Models.Settings;

namespace Inference.Protocols.Tests.Tasks;

/// <summary>Compares embeddings with reference values that the tests compute.</summary>
public sealed class EmbeddingTaskTests
{
    private const int Size = 3;

    /// <summary>Texts of five and four tokens, including [CLS] and [SEP]. The second text is padded with one token.</summary>
    private const string Texts = """["hello world.","hello world"]""";

    private static readonly int[] Lengths = [5, 4];

    [Theory]
    [InlineData(TextPooling.Mean, false, null)]
    [InlineData(TextPooling.Cls, false, null)]
    [InlineData(TextPooling.Last, false, null)]
    [InlineData(TextPooling.Max, false, null)]
    [InlineData(TextPooling.Mean, true, null)]
    [InlineData(TextPooling.Max, true, 2)]
    [InlineData(TextPooling.Last, false, 1)]
    public void Answer_EveryPooling_IsTheReference(TextPooling pooling, bool normalize, int? dimensions)
    {
        using var model =
            new TaskModel(ModelTask.FeatureExtraction, new TextSettings { MaxTokens = 16, Pooling = pooling, Normalize = normalize });
        var hidden = TaskModel.Numbers(2 * 5 * Size);
        var parameters = dimensions is { } count ? $$"""{"dimensions":{{count}} }""" : "{}";

        var predicted =
            model.Answer($$"""{"text":{{Texts}},"parameters":{{parameters}} }""", hidden, 2, 5, Size).GetProperty("predictions");
        var bare = model.Answer($$"""{"parameters":{{parameters}},"inputs":{{Texts}} }""", hidden, 2, 5, Size);

        Assert.Equal(bare.ToString(), predicted.ToString());
        for (var row = 0; row < Lengths.Length; row++)
            TaskModel.AssertClose(Finish(Pool(hidden, row, pooling), normalize, dimensions ?? Size), TaskModel.ToNumbers(bare[row]));
    }

    [Fact]
    public void Answer_ParametersAgainstTheSettings_AreFollowed()
    {
        using var model = new TaskModel(ModelTask.FeatureExtraction, new TextSettings { MaxTokens = 16, Normalize = true });
        var hidden = TaskModel.Numbers(5 * Size);

        var raw = model.Answer("""{"inputs":"hello world.","parameters":{"normalize":false}}""", hidden, 1, 5, Size);

        TaskModel.AssertClose(Pool(hidden, 0, TextPooling.Mean), TaskModel.ToNumbers(raw));
    }

    [Theory]
    [InlineData("torch.nn.modules.activation.Tanh")]
    [InlineData("torch.nn.modules.linear.Identity")]
    [InlineData("torch.nn.modules.activation.ReLU")]
    [InlineData("torch.nn.modules.activation.Sigmoid")]
    public void Answer_DenseLayer_IsAppliedBeforeNormalizing(string activation)
    {
        using var model =
            new TaskModel(ModelTask.FeatureExtraction, new TextSettings { MaxTokens = 16, Dense = ["2_Dense"], Normalize = true });
        var (weight, bias) = (TaskModel.Numbers(4 * Size, seed: 2), TaskModel.Numbers(4, seed: 3));
        WriteDense(model.Folder, activation, weight, bias);
        var hidden = TaskModel.Numbers(5 * Size);

        var vector = model.Answer("""{"inputs":"hello world."}""", hidden, 1, 5, Size);

        var pooled = Pool(hidden, 0, TextPooling.Mean);
        var dense = Enumerable.Range(0, 4)
            .Select(row => Activate(activation, bias[row] + pooled.Select((value, column) => value * weight[(row * Size) + column]).Sum()));
        TaskModel.AssertClose(Finish([.. dense], normalize: true, 4), TaskModel.ToNumbers(vector));
    }

    [Theory]
    [InlineData("""{}""", "5,6")]
    [InlineData("""{"prompt_name":"query"}""", "17,18,5,6")]
    [InlineData("""{"prompt_name":"none"}""", "5,6")]
    public void Read_Prompt_IsPutBeforeEachText(string parameters, string expected)
    {
        using var model = new TaskModel(ModelTask.FeatureExtraction, new TextSettings
        {
            MaxTokens = 16,
            Prompts = TextSettings.NoPrompts.Add("query", "query: ").Add("none", ""),
        });

        var ids = model.Read($$"""{"inputs":"hello world","parameters":{{parameters}} }""", "input_ids");

        Assert.Equal($"2,{expected},3", string.Join(',', ids));
    }

    [Fact]
    public void Read_DefaultPrompt_IsThatOfRequestsWithoutOne()
    {
        using var model = new TaskModel(ModelTask.FeatureExtraction, new TextSettings
        {
            MaxTokens = 16,
            Prompts = TextSettings.NoPrompts.Add("query", "query: ").Add("none", ""),
            DefaultPrompt = "query",
        });

        Assert.Equal([2, 17, 18, 5, 3], model.Read("""{"text":"hello"}""", "input_ids"));
        Assert.Equal([2, 5, 3], model.Read("""{"text":"hello","parameters":{"prompt_name":"none"}}""", "input_ids"));
        model.AssertRefused(
            """{"text":"hello","parameters":{"prompt_name":"queri"}}""", "has no prompt \"queri\". Did you mean \"query\"?");
    }

    [Theory]
    [InlineData("right", "2,5,6,7,3")]
    [InlineData("Left", "2,7,8,9,3")]
    public void Read_LongText_IsTruncatedOnDemand(string direction, string expected)
    {
        using var model = new TaskModel(ModelTask.FeatureExtraction, new TextSettings { MaxTokens = 5 });

        model.AssertRefused("""{"inputs":"hello world micro ##soft is"}""", "more than the 5 tokens");
        var ids = model.Read(
            $$"""{"inputs":"hello world microsoft is","parameters":{"truncate":true,"truncation_direction":"{{direction}}"} }""",
            "input_ids");

        Assert.Equal(expected, string.Join(',', ids));
    }

    /// <summary>XLNet and Funnel give a special token of a single text a segment of its own. Padding has the segment 0.</summary>
    [Theory]
    [InlineData("\"hello world\"", "0,0,0,2")]
    [InlineData("[\"hello\",\"hello world\"]", "0,0,2,0,0,0,0,2")]
    public void Read_SingleTexts_HaveTheTypeIdsOfTheTemplate(string texts, string expected)
    {
        using var model = new TaskModel(ModelTask.FeatureExtraction);
        File.WriteAllText(Path.Combine(model.Folder, "tokenizer.json"), """
            {"pre_tokenizer":{"type":"WhitespaceSplit"},
            "model":{"type":"WordLevel","unk_token":"<unk>","vocab":{"<unk>":0,"<sep>":1,"<cls>":2,"hello":3,"world":4}},
            "post_processor":{"type":"TemplateProcessing","pair":[{"Sequence":{"id":"A"}},{"Sequence":{"id":"B"}}],
            "single":[{"Sequence":{"id":"A"}},{"SpecialToken":{"id":"<sep>"}},{"SpecialToken":{"id":"<cls>","type_id":2}}],
            "special_tokens":{"<sep>":{"ids":[1]},"<cls>":{"ids":[2]}}}}
            """);

        Assert.Equal(expected, string.Join(',', model.Read($$"""{"text":{{texts}} }""", "token_type_ids")));
    }

    /// <summary>Sentence Transformers lowercases texts with Python, which knows the Greek sigma at the end of a word.</summary>
    [Fact]
    public void Read_LowercasedText_HasTheTokensOfPythonsText()
    {
        using var model = new TaskModel(ModelTask.FeatureExtraction, new TextSettings { MaxTokens = 16, Lowercase = true });
        File.WriteAllText(Path.Combine(model.Folder, "tokenizer.json"), """
            {"pre_tokenizer":{"type":"WhitespaceSplit"},
            "model":{"type":"WordLevel","unk_token":"<unk>","vocab":{"<unk>":0,"οδος":1,"i̇x":2,"hello":3}}}
            """);

        Assert.Equal([1, 2, 3], model.Read("""{"text":"ΟΔΟΣ İX HELLO"}""", "input_ids"));
    }

    /// <summary>A text may have 16 KB, or 256 KB if the request allows truncation.</summary>
    [Theory]
    [InlineData(50_000, true)]
    [InlineData(300_000, false)]
    public void Read_VeryLongText_IsTruncatedUpToALimit(int length, bool isTaken)
    {
        using var model = new TaskModel(ModelTask.FeatureExtraction);
        var words = string.Concat(Enumerable.Repeat("hello ", length / 6));
        var body = $$"""{"inputs":"{{words}}","parameters":{"truncate":true,"truncation_direction":"left"} }""";

        if (isTaken)
            Assert.Equal([2, .. Enumerable.Repeat(5L, 14), 3], model.Read(body, "input_ids"));
        else
            model.AssertRefused(body, "longer than 262144 bytes");
    }

    [Theory]
    [InlineData("{}", "\"text\" is missing; the body is {\"text\": \"...\"} or {\"inputs\": \"...\",")]
    [InlineData("""{"text":"a","inputs":"a"}""", "cannot be combined; the body is {\"text\": \"...\"} or")]
    [InlineData("""{"inputs":[]}""", "inputs has no texts")]
    [InlineData("""{"inputs":["a",7]}""", "inputs[1] is a number; a string is expected")]
    [InlineData("""{"inputs":["a",{"text":"a","text_pair":"b"}]}""", "inputs[1] is a pair of texts")]
    [InlineData("""{"inputs":[{"text_pair":"b"}]}""", "inputs[0].text is missing")]
    [InlineData("""{"inputs":[{"name":"b"}]}""", "inputs[0]: \"name\" is unknown")]
    [InlineData("""{"inputs":"a","parameters":{"top_k":3}}""",
        "the parameters are \"normalize\", \"dimensions\", \"prompt_name\", \"truncate\", \"truncation_direction\"")]
    [InlineData("""{"inputs":"a","parameters":{"normalize":1}}""", "parameters.normalize is a number; true or false is expected")]
    [InlineData("""{"inputs":"a","parameters":{"truncation_direction":"up"}}""", "is \"up\"; one of \"right\", \"left\" is expected")]
    [InlineData("""{"inputs":{},"parameters":{"normalize":true}}""", "parameters.normalize is for texts")]
    public void Read_WrongRequest_IsRefused(string body, string message)
    {
        using var model = new TaskModel(ModelTask.FeatureExtraction);

        model.AssertRefused(body, message);
    }

    [Theory]
    [InlineData(
        """{"inputs":{"input_ids":[[2,5,3]],"attention_mask":[[1,1,1]],"token_type_ids":[[0,0,0]]},"parameters":{"normalize":null}}""")]
    [InlineData("""{"inputs":"hello","parameters":{"truncate":null,"truncate":true}}""")]
    public void Read_ParameterWithNull_IsAbsent(string body)
    {
        using var model = new TaskModel(ModelTask.FeatureExtraction);

        Assert.Equal([2, 5, 3], model.Read(body, "input_ids"));
    }

    private static double[] Pool(float[] hidden, int row, TextPooling pooling)
    {
        double[][] tokens = [.. Enumerable.Range(0, Lengths[row])
            .Select(token => hidden.Skip(((row * 5) + token) * Size).Take(Size).Select(value => (double)value).ToArray())];
        return [.. Enumerable.Range(0, Size).Select(column => pooling switch
        {
            TextPooling.Mean => tokens.Average(token => token[column]),
            TextPooling.Max => tokens.Max(token => token[column]),
            TextPooling.Last => tokens[^1][column],
            _ => tokens[0][column],
        })];
    }

    private static double[] Finish(double[] vector, bool normalize, int dimensions)
    {
        double[] cut = [.. vector.Take(dimensions)];
        var length = normalize ? Math.Sqrt(cut.Sum(value => value * value)) : 1;
        return [.. cut.Select(value => value / length)];
    }

    private static double Activate(string name, double value) => name.Split('.')[^1] switch
    {
        "Tanh" => Math.Tanh(value),
        "ReLU" => Math.Max(0, value),
        "Sigmoid" => TaskModel.Sigmoid(value),
        _ => value,
    };

    /// <summary>Writes a layer as Sentence Transformers saves it.</summary>
    private static void WriteDense(string folder, string activation, float[] weight, float[] bias)
    {
        var layer = Directory.CreateDirectory(Path.Combine(folder, "2_Dense")).FullName;
        File.WriteAllText(Path.Combine(layer, "config.json"),
            $$"""{"in_features":3,"out_features":4,"bias":true,"activation_function":"{{activation}}"}""");
        var header = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["linear.bias"] = new { dtype = "F32", shape = (int[])[4], data_offsets = (int[])[0, 16] },
            ["linear.weight"] = new { dtype = "F32", shape = (int[])[4, 3], data_offsets = (int[])[16, 64] },
        }));
        var length = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        byte[] content = [.. length, .. header, .. MemoryMarshal.AsBytes<float>(bias), .. MemoryMarshal.AsBytes<float>(weight)];
        File.WriteAllBytes(Path.Combine(layer, "model.safetensors"), content);
    }
}
