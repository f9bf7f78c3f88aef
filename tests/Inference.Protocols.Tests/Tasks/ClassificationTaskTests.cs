using Inference.Models.Settings;

namespace Inference.Protocols.Tests.Tasks;

/// <summary>Compares the scores of labels, pairs and masks with reference values that the tests compute.</summary>
public sealed class ClassificationTaskTests
{
    private static readonly string[] Labels = ["good", "bad", "neither"];

    [Theory]
    [InlineData(null, "{}")]
    [InlineData(ScoreFunction.Sigmoid, "{}")]
    [InlineData(ScoreFunction.None, "{}")]
    [InlineData(null, """{"function_to_apply":"sigmoid"}""")]
    [InlineData(ScoreFunction.Sigmoid, """{"function_to_apply":"none","top_k":2}""")]
    public void Classify_EveryFunction_IsTheReference(ScoreFunction? settings, string parameters)
    {
        using var model = new TaskModel(ModelTask.TextClassification, new TextSettings { MaxTokens = 16, Scores = settings }, Labels);
        var outputs = TaskModel.Numbers(6);
        var function = parameters.Contains("none", StringComparison.Ordinal) ? ScoreFunction.None
            : parameters.Contains("sigmoid", StringComparison.Ordinal) ? ScoreFunction.Sigmoid : settings ?? ScoreFunction.Softmax;

        var response = model.Answer($$"""{"inputs":["hello","world"],"parameters":{{parameters}} }""", outputs, 2, 3);
        var predicted = model.Answer($$"""{"text":["hello","world"],"parameters":{{parameters}} }""", outputs, 2, 3);

        Assert.Equal(response.ToString(), predicted.GetProperty("predictions").ToString());
        for (var row = 0; row < 2; row++)
        {
            double[] logits = [.. outputs.Skip(row * 3).Take(3).Select(value => (double)value)];
            double[] scores = function switch
            {
                ScoreFunction.Softmax => TaskModel.Softmax(logits),
                ScoreFunction.Sigmoid => [.. logits.Select(TaskModel.Sigmoid)],
                _ => logits,
            };
            var expected = scores.Zip(Labels)
                .OrderByDescending(label => label.First).Take(parameters.Contains("top_k", StringComparison.Ordinal) ? 2 : 3).ToList();
            Assert.Equal(expected.Select(label => label.Second), response[row]
                .EnumerateArray().Select(label => label.GetProperty("label").GetString()));
            TaskModel.AssertClose(expected.Select(label => label.First), response[row]
                .EnumerateArray().Select(label => label.GetProperty("score").GetDouble()));
        }
    }

    [Fact]
    public void Classify_LargeOutputs_HaveFiniteScores()
    {
        using var model = new TaskModel(ModelTask.TextClassification, labels: Labels);

        var response = model.Answer("""{"inputs":"hello"}""", [1000, 999, -1000], 1, 3);

        TaskModel.AssertClose(
            TaskModel.Softmax([1, 0, -1999]), response[0].EnumerateArray().Select(label => label.GetProperty("score").GetDouble()));
    }

    [Fact]
    public void Classify_WithoutLabels_NamesThemAsHuggingFaceDoes()
    {
        using var model = new TaskModel(ModelTask.TextClassification);

        var response = model.Answer("""{"inputs":[{"text":"hello","text_pair":"world"}]}""", [0, 1], 1, 2);

        Assert.Equal(["LABEL_1", "LABEL_0"], response[0].EnumerateArray().Select(label => label.GetProperty("label").GetString()));
    }

    [Fact]
    public void Rank_Pairs_HaveTypeIdsAndASigmoid()
    {
        using var model = new TaskModel(ModelTask.TextRanking);
        const string Pairs = """[{"text":"hello","text_pair":"world micro"},{"text":"hello","text_pair":"world"}]""";
        float[] outputs = [1.5f, -2];

        var predicted = model.Answer($$"""{"text":{{Pairs}} }""", outputs, 2, 1).GetProperty("predictions");
        var response = model.Answer($$"""{"inputs":{{Pairs}} }""", outputs, 2, 1);

        Assert.Equal([2, 5, 3, 6, 7, 3, 2, 5, 3, 6, 3, 0], model.Read($$"""{"text":{{Pairs}} }""", "input_ids"));
        Assert.Equal([0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 0], model.Read($$"""{"text":{{Pairs}} }""", "token_type_ids"));
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0], model.Read($$"""{"text":{{Pairs}} }""", "attention_mask"));
        TaskModel.AssertClose(outputs.Select(value => TaskModel.Sigmoid(value)), TaskModel.ToNumbers(predicted));
        TaskModel.AssertClose(TaskModel.Sigmoid(-2), response[1][0].GetProperty("score"));
        Assert.Equal("LABEL_0", response[1][0].GetProperty("label").GetString());
        model.AssertRefused("""{"text":"hello"}""", "text is a single text; the model ranks pairs");
    }

    /// <summary>Truncation cannot remove the three special tokens of a pair. The advice to truncate would not help.</summary>
    [Fact]
    public void Rank_LimitBelowTheSpecialTokens_IsRefusedWithTheFix()
    {
        using var model = new TaskModel(ModelTask.TextRanking, new TextSettings { MaxTokens = 2 });
        const string Pair = """{"text":"hello","text_pair":"world"}""";

        model.AssertRefused($$"""{"text":{{Pair}} }""", "text has more than the 2 tokens that the model takes. Send the text in parts");
        model.AssertRefused($$"""{"text":{{Pair}},"parameters":{"truncate":true} }""",
            "text has 3 special tokens of the tokenizer alone; the model takes 2 tokens. Increase \"text.maxTokens\" in its model.json.");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ZeroShot_Labels_AreScoredByEntailment(bool isMultiLabel)
    {
        using var model = new TaskModel(ModelTask.ZeroShotClassification, null, "contradiction", "neutral", "ENTAILMENT");
        var outputs = TaskModel.Numbers(2 * 2 * 3);
        var parameters = $$"""{"candidate_labels":["sports","news"],"multi_label":{{(isMultiLabel ? "true" : "false")}} }""";

        var response = model.Answer($$"""{"inputs":["hello","world"],"parameters":{{parameters}} }""", outputs, 4, 3);
        var single = model.Answer($$"""{"parameters":{{parameters}},"inputs":"hello"}""", outputs[..6], 2, 3);

        Assert.Equal(response[0].ToString(), single.ToString());
        for (var text = 0; text < 2; text++)
        {
            double[] entailment = [outputs[(text * 6) + 2], outputs[(text * 6) + 5]];
            double[] scores = isMultiLabel
                ? [.. Enumerable.Range(0, 2).Select(label => TaskModel.Softmax([outputs[(text * 6) + (label * 3)], entailment[label]])[1])]
                : TaskModel.Softmax(entailment);
            var expected = scores.Zip(["sports", "news"]).OrderByDescending(label => label.First).ToList();
            Assert.Equal(text == 0 ? "hello" : "world", response[text].GetProperty("sequence").GetString());
            Assert.Equal(expected.Select(label => label.Second), response[text]
                .GetProperty("labels").EnumerateArray().Select(label => label.GetString()));
            TaskModel.AssertClose(expected.Select(label => label.First), TaskModel.ToNumbers(response[text].GetProperty("scores")));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ZeroShot_ScoresThatAreNotFinite_AreAFailureOfTheModel(bool isMultiLabel)
    {
        using var model = new TaskModel(ModelTask.ZeroShotClassification, null, "contradiction", "entailment");
        var parameters = $$"""{"candidate_labels":["sports","news"],"multi_label":{{(isMultiLabel ? "true" : "false")}} }""";

        var failure = Assert.Throws<InferenceException>(() => model.Answer(
            $$"""{"inputs":"hello","parameters":{{parameters}} }""", [0, float.NaN, 1, 2], 2, 2));

        Assert.Equal(InferenceError.RuntimeFailure, failure.Error);
        Assert.Contains("The model computed the score NaN", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>An empty label is not the entailment.</summary>
    [Fact]
    public void ZeroShot_LabelsWithoutEntailment_AreAFailureOfTheModel()
    {
        using var model = new TaskModel(ModelTask.ZeroShotClassification, null, "yes", "");

        var failure = Assert.Throws<InferenceException>(
            () => model.Answer("""{"inputs":"hello","parameters":{"candidate_labels":["sports"]}}""", [1, 2], 1, 2));

        Assert.Equal(InferenceError.RuntimeFailure, failure.Error);
        Assert.Contains("none of its labels starts with \"entail\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ZeroShot_EachLabel_IsAHypothesis()
    {
        using var model = new TaskModel(ModelTask.ZeroShotClassification, null, "entailment", "contradiction");

        Assert.Equal(
            [2, 5, 3, 13, 14, 9, 15, 12, 3, 2, 5, 3, 13, 14, 9, 16, 12, 3],
            model.Read("""{"inputs":"hello","parameters":{"candidate_labels":"sports, news"}}""", "input_ids"));
        Assert.Equal(
            [2, 5, 3, 16, 10, 11, 3],
            model.Read(
                """{"inputs":"hello","parameters":{"candidate_labels":["news"],"hypothesis_template":"{} in paris"}}""", "input_ids"));
        // Only the text is truncated, never the hypothesis.
        Assert.Equal(
            [2, 5, 5, 5, 5, 5, 5, 5, 5, 3, 13, 14, 9, 16, 12, 3],
            model.Read(
                """{"inputs":"hello hello hello hello hello hello hello hello hello","parameters":{"candidate_labels":["news"],"truncate":true}}""", "input_ids"));
    }

    [Theory]
    [InlineData("""{"inputs":"hello"}""", "parameters.candidate_labels is missing")]
    [InlineData(
        """{"inputs":"hello","parameters":{"candidate_labels":["a"],"hypothesis_template":"no slot"}}""", "it has no {} for the label")]
    [InlineData(
        """{"inputs":"hello","parameters":{"candidate_labels":["a"],"hypothesis_template":"{} or {}"}}""",
        "it has more than one {} for the label. Write one")]
    [InlineData("""{"inputs":["hello",7],"parameters":{"candidate_labels":["a"]}}""", "inputs[1] is a number")]
    [InlineData("""{"inputs":"hello","parameters":{"candidate_label":["a"]}}""",
        "\"candidate_label\" is unknown; the parameters are \"candidate_labels\"")]
    [InlineData("""{"text":"hello","truncate":true}""", "\"truncate\" is a parameter; send {\"text\": ..., \"parameters\": {\"truncate\": ...}}.")]
    [InlineData("""{"text":"hello","text_pair":"world"}""", "is part of a pair; send {\"text\": {\"text\": \"...\", \"text_pair\": \"...\"}}.")]
    [InlineData("""{"text":"hello","top_k":2}""", "\"top_k\" is unknown; the body is {\"text\": \"...\"} or {\"inputs\": \"...\",")]
    public void ZeroShot_WrongRequest_IsRefused(string body, string message)
    {
        using var model = new TaskModel(ModelTask.ZeroShotClassification, null, "entailment", "contradiction");

        model.AssertRefused(body, message);
    }

    /// <summary>A request may have at most 2,048 pairs of a text and a label.</summary>
    [Fact]
    public void ZeroShot_ManyTextsAndLabels_AreLimited()
    {
        using var model = new TaskModel(ModelTask.ZeroShotClassification, null, "entailment", "contradiction");
        string Body(int texts, int labels) =>
            $$"""{"inputs":[{{string.Join(',', Enumerable.Repeat("\"hello\"", texts))}}],"parameters":{"candidate_labels":[{{string.Join(',', Enumerable.Repeat("\"news\"", labels))}}]} }""";

        Assert.Equal(2048 * 9, model.Read(Body(64, 32), "input_ids").Length);
        model.AssertRefused(
            Body(64, 33), "inputs has 64 texts and parameters.candidate_labels 33 labels; their product may be at most 2048");
        model.AssertRefused($$"""{"inputs":"hello","parameters":{"candidate_labels":["{{new string('a', 501)}}"]} }""",
            "has a label longer than 500 characters");
    }

    [Fact]
    public void FillMask_OneMask_HasTheBestTokens()
    {
        using var model = new TaskModel(ModelTask.FillMask);
        var outputs = TaskModel.Numbers(5 * 19);

        var response = model.Answer("""{"inputs":"hello [MASK].","parameters":{"top_k":3}}""", outputs, 1, 5, 19);

        var scores = TaskModel.Softmax(outputs.Skip(2 * 19).Take(19).Select(value => (double)value));
        var best = Enumerable.Range(0, 19).OrderByDescending(id => scores[id]).Take(3).ToList();
        Assert.Equal(best, response.EnumerateArray().Select(token => token.GetProperty("token").GetInt32()));
        TaskModel.AssertClose(
            best.Select(id => scores[id]), response.EnumerateArray().Select(token => token.GetProperty("score").GetDouble()));
    }

    [Fact]
    public void FillMask_Targets_AreTheOnlyTokens()
    {
        using var model = new TaskModel(ModelTask.FillMask);
        var outputs = TaskModel.Numbers(2 * 6 * 19);
        var body = """{"text":["hello [MASK].","[MASK] is [MASK]."],"parameters":{"targets":["world","paris"]}}""";

        var response = model.Answer(body, outputs, 2, 6, 19).GetProperty("predictions");

        Assert.Equal(2, response[0].GetArrayLength());
        Assert.Equal([6, 11], response[0].EnumerateArray().Select(token => token.GetProperty("token").GetInt32()).Order());
        Assert.Equal(["paris", "world"], response[0]
            .EnumerateArray().Select(token => token.GetProperty("token_str").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal(["hello paris.", "hello world."], response[0]
            .EnumerateArray().Select(token => token.GetProperty("sequence").GetString()).Order(StringComparer.Ordinal));
        // A text with several masks has an array for each mask. Its sequences contain the other masks and the special tokens.
        Assert.Equal(2, response[1].GetArrayLength());
        Assert.All(response[1][0]
            .EnumerateArray(),
            token =>
                Assert.EndsWith(" is [MASK]. [SEP]", token.GetProperty("sequence")
                    .GetString()!.Replace(" [PAD]", "", StringComparison.Ordinal), StringComparison.Ordinal));
    }

    /// <summary>The model returns scores for the tokens below 10: "world" is token 6, and "paris" is token 11.</summary>
    [Theory]
    [InlineData("\"paris\"")]
    [InlineData("[\"world\",\"paris\"]")]
    public void FillMask_TargetWithoutAScore_IsRefused(string targets)
    {
        using var model = new TaskModel(ModelTask.FillMask);
        var body = $$"""{"inputs":"hello [MASK].","parameters":{"targets":{{targets}}} }""";

        var failure = Assert.Throws<InferenceException>(() => model.Answer(body, TaskModel.Numbers(5 * 10), 1, 5, 10));

        Assert.Equal(InferenceError.InvalidRequest, failure.Error);
        Assert.Contains("parameters.targets: \"paris\" is token 11", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FillMask_NoTargets_IsRefused()
    {
        using var model = new TaskModel(ModelTask.FillMask);

        model.AssertRefused(
            """{"inputs":"hello [MASK].","parameters":{"targets":[]}}""",
            "parameters.targets is empty. Send at least one text, or leave out parameters.targets to allow all tokens.");
    }

    [Fact]
    public void FillMask_NoMaskOrTooMuch_IsRefused()
    {
        using var model = new TaskModel(ModelTask.FillMask);

        var none = Assert.Throws<InferenceException>(() => model.Answer("""{"inputs":["hello"]}""", TaskModel.Numbers(3 * 19), 1, 3, 19));
        var texts = string.Join(',', Enumerable.Repeat("\"[MASK] [MASK] [MASK] [MASK] [MASK] [MASK] [MASK] [MASK]\"", 14));
        var body = $$"""{"inputs":[{{texts}}],"parameters":{"top_k":1000} }""";
        var many = Assert.Throws<InferenceException>(() => model.Answer(body, TaskModel.Numbers(14 * 10 * 19), 14, 10, 19));

        Assert.Equal(InferenceError.InvalidRequest, none.Error);
        Assert.Contains("inputs[0] has no mask. Put [MASK] in place of a word", none.Message, StringComparison.Ordinal);
        Assert.Contains("more than 1048576 tokens", many.Message, StringComparison.Ordinal);
    }
}
