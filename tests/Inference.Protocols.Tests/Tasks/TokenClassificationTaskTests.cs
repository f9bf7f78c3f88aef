using Inference.Models.Settings;

namespace Inference.Protocols.Tests.Tasks;

/// <summary>
/// Compares entities with those of the pipeline in Hugging Face's transformers. The tests contain its rules for one text. Offsets count
/// code points, so each emoji before the text counts as one.
/// </summary>
public sealed class TokenClassificationTaskTests
{
    /// <summary>The tokens of the text are: [CLS] [UNK] hello micro ##soft is in paris . [SEP]</summary>
    private const string Text = "\U0001F600\U0001F600 Hello MicroSoft is in Paris.";

    private static readonly string[] Labels = ["O", "B-ORG", "I-ORG", "B-LOC", "I-LOC"];

    /// <summary>The best label of each token, and the model's output for this label. The outputs for all other labels are 0.</summary>
    private static readonly (int Label, float Output)[] Tokens =
        [(0, 0.1f), (0, 1), (0, 2), (1, 3), (4, 4), (0, 5), (0, 5), (3, 6), (4, 2.5f), (1, 9)];

    [Theory]
    [InlineData("none", "B-ORG:micro:9-14:3 I-LOC:##soft:14-18:4 B-LOC:paris:25-30:7 I-LOC:.:30-31:8")]
    [InlineData("simple", "ORG:micro:9-14 LOC:##soft:14-18 LOC:paris.:25-31")]
    [InlineData("first", "ORG:microsoft:9-18 LOC:paris.:25-31")]
    [InlineData("max", "LOC:microsoft:9-18 LOC:paris.:25-31")]
    [InlineData("average", "LOC:microsoft:9-18 LOC:paris.:25-31")]
    public void Classify_EveryAggregation_IsThePipelines(string aggregation, string expected)
    {
        using var model = new TaskModel(ModelTask.TokenClassification, null, Labels);

        var response =
            model.Answer($$"""{"inputs":"{{Text}}","parameters":{"aggregation_strategy":"{{aggregation}}"} }""", Outputs(), 1, 10, 5);

        Assert.Equal(expected, string.Join(' ', response.EnumerateArray().Select(entity =>
            $"{entity.GetProperty(aggregation == "none" ? "entity" : "entity_group").GetString()}:{entity.GetProperty("word").GetString()}"
            + $":{entity.GetProperty("start").GetInt32()}-{entity.GetProperty("end").GetInt32()}"
            + (entity.TryGetProperty("index", out var index) ? $":{index.GetInt32()}" : ""))));
    }

    [Fact]
    public void Classify_EveryAggregation_HasTheScoresOfTheReference()
    {
        using var model = new TaskModel(ModelTask.TokenClassification, null, Labels);
        double[] Scores(string aggregation) =>
        [
            .. model.Answer($$"""{"text":"{{Text}}","parameters":{"aggregation_strategy":"{{aggregation}}"} }""", Outputs(), 1, 10, 5)
                .GetProperty("predictions")[0].EnumerateArray().Select(entity => entity.GetProperty("score").GetDouble()),
        ];
        var placeScore = (Score(7) + Score(8)) / 2;

        TaskModel.AssertClose([Score(3), Score(4), Score(7), Score(8)], Scores("none"));
        TaskModel.AssertClose([Score(3), Score(4), placeScore], Scores("simple"));
        TaskModel.AssertClose([Score(3), placeScore], Scores("first"));
        TaskModel.AssertClose([Score(4), placeScore], Scores("max"));
        TaskModel.AssertClose([(Score(4) + ScoreOf(3, 4)) / 2, placeScore], Scores("average"));
    }

    /// <summary>The unknown token of tokenizer_config.json starts a word, also when the tokenizer itself never uses it.</summary>
    [Theory]
    [InlineData(null, "ORG:a<unk>:0-6")]
    [InlineData("<unk>", "ORG:a:0-1 LOC:<unk>:1-6")]
    public void Classify_NamedUnknownToken_StartsAWord(string? unknown, string expected)
    {
        using var model = new TaskModel(ModelTask.TokenClassification, new TextSettings { MaxTokens = 16, UnknownToken = unknown }, Labels);
        File.WriteAllText(Path.Combine(model.Folder, "tokenizer.json"), """
            {"added_tokens":[{"content":"<unk>","special":true}],"decoder":{"type":"ByteLevel"},
            "model":{"type":"BPE","vocab":{"a":0,"<unk>":1},"merges":[]}}
            """);

        var response = model.Answer(
            """{"inputs":"a<unk>","parameters":{"aggregation_strategy":"first"}}""", [0, 9, 0, 0, 0, 0, 0, 0, 9, 0], 1, 2, 5);

        Assert.Equal(expected, string.Join(' ', response.EnumerateArray().Select(entity =>
            $"{entity.GetProperty("entity_group").GetString()}:{entity.GetProperty("word").GetString()}"
            + $":{entity.GetProperty("start").GetInt32()}-{entity.GetProperty("end").GetInt32()}")));
    }

    [Fact]
    public void Classify_IgnoredLabels_AreThoseOfTheRequest()
    {
        using var model = new TaskModel(ModelTask.TokenClassification, null, Labels);

        var response = model.Answer($$"""{"inputs":["{{Text}}"],"parameters":{"ignore_labels":["ORG","LOC"]} }""", Outputs(), 1, 10, 5);

        // The word of an unknown token is the text that the token stands for.
        Assert.Equal(
            ["\U0001F600\U0001F600 hello", "is in"], response[0].EnumerateArray().Select(entity => entity.GetProperty("word").GetString()));
        Assert.All(response[0].EnumerateArray(), entity => Assert.Equal("O", entity.GetProperty("entity_group").GetString()));
    }

    [Fact]
    public void Classify_Parameters_AreThoseOfTheTask()
    {
        using var model = new TaskModel(ModelTask.TokenClassification, null, Labels);

        model.AssertRefused(
            """{"inputs":"a","parameters":{"aggregation_strategy":"best"}}""",
            "is \"best\"; one of \"none\", \"simple\", \"first\", \"average\", \"max\" is expected");
        model.AssertRefused(
            """{"inputs":"a","parameters":{"stride":1}}""", "the parameters are \"aggregation_strategy\", \"ignore_labels\", \"truncate\"");
        model.AssertRefused("""{"inputs":[{"text":"a","text_pair":"b"}]}""", "inputs[0] is a pair of texts");
    }

    private static float[] Outputs()
    {
        var outputs = new float[Tokens.Length * Labels.Length];
        for (var token = 0; token < Tokens.Length; token++)
            outputs[(token * Labels.Length) + Tokens[token].Label] = Tokens[token].Output;
        return outputs;
    }

    /// <summary>The score of a token's best label.</summary>
    private static double Score(int token) => ScoreOf(token, Tokens[token].Label);

    private static double ScoreOf(int token, int label) =>
        TaskModel.Softmax(Enumerable.Range(0, Labels.Length)
            .Select(other => other == Tokens[token].Label ? (double)Tokens[token].Output : 0))[label];
}
