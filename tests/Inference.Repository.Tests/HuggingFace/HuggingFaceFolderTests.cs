using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.HuggingFace;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Repository.Tests.HuggingFace;

/// <summary>
/// Tests the settings that are derived from the files of a folder, and the problems of files that do not determine the settings.
/// </summary>
public sealed class HuggingFaceFolderTests : IDisposable
{
    private const string Pooling =
        """[{"type":"sentence_transformers.models.Transformer","path":""},{"type":"sentence_transformers.models.Pooling","path":"1_Pooling"}]""";

    private static readonly ModelSignature Tokens = new(
        [HubFolder.Spec("input_ids", ElementType.Int64, -1, -1), HubFolder.Spec("attention_mask", ElementType.Int64, -1, -1)],
        [HubFolder.Spec("last_hidden_state", ElementType.Float32, -1, -1, 8), HubFolder.Spec("logits", ElementType.Float32, -1, 2)]);

    /// <summary>The signature of a model whose number of scores is dynamic.</summary>
    private static readonly ModelSignature Scores = new(
        Tokens.Inputs,
        [HubFolder.Spec("last_hidden_state", ElementType.Float32, -1, -1, -1), HubFolder.Spec("logits", ElementType.Float32, -1, -1)]);

    private static readonly ModelSignature Pixels =
        new([HubFolder.Spec("pixel_values", ElementType.Float32, -1, 3, -1, -1)], [HubFolder.Spec("logits", ElementType.Float32, -1, 3)]);

    private readonly HubFolder _folder = new();

    [Theory]
    [InlineData(
        """{"architectures":["BertForSequenceClassification"],"id2label":{"1":"b","0":"a"}}""", ModelTask.TextClassification, "a,b", null)]
    [InlineData("""{"architectures":["BertForSequenceClassification"]}""", ModelTask.TextClassification, "", null)]
    [InlineData(
        """{"architectures":["BertForSequenceClassification"],"problem_type":"multi_label_classification","id2label":{"0":"a","1":"b"}}""",
        ModelTask.TextClassification, "a,b", ScoreFunction.Sigmoid)]
    [InlineData("""{"architectures":["BertForSequenceClassification"],"problem_type":"regression","id2label":{"0":"a"}}""",
        ModelTask.TextClassification, "a", ScoreFunction.None)]
    [InlineData(
        """{"architectures":["XLMRobertaForSequenceClassification"],"id2label":{"0":"LABEL_0"}}""", ModelTask.TextRanking, "LABEL_0", null)]
    [InlineData("""{"architectures":["ModernBertForSequenceClassification"],"num_labels":1}""", ModelTask.TextRanking, "", null)]
    [InlineData("""{"architectures":["DebertaV2ForSequenceClassification"],"id2label":{"0":"contradiction","1":"entailment"}}""",
        ModelTask.ZeroShotClassification, "contradiction,entailment", null)]
    [InlineData("""{"architectures":["BertForTokenClassification"],"id2label":{"0":"O","1":"B-PER"}}""", ModelTask.TokenClassification,
        "O,B-PER", null)]
    [InlineData("""{"architectures":["RobertaForMaskedLM"]}""", ModelTask.FillMask, "", null)]
    public void Complete_Architecture_DeterminesTheTask(string config, ModelTask task, string labels, ScoreFunction? scores)
    {
        _folder.Write(("config.json", config), ("tokenizer.json", "{}"));

        var completed = _folder.Complete(Scores);

        Assert.Equal((task, scores), (completed.Settings.Task, completed.Settings.Text!.Scores));
        Assert.Equal(labels, string.Join(',', completed.Labels));
        Assert.Empty(completed.Warnings);
    }

    [Theory]
    [InlineData("pooling_mode_mean_tokens", TextPooling.Mean)]
    [InlineData("pooling_mode_cls_token", TextPooling.Cls)]
    [InlineData("pooling_mode_max_tokens", TextPooling.Max)]
    [InlineData("pooling_mode_lasttoken", TextPooling.Last)]
    public void Complete_SentenceTransformer_HasItsPooling(string mode, TextPooling pooling)
    {
        _folder.Write(
            ("config.json", """{"architectures":["BertForMaskedLM"],"max_position_embeddings":512}"""), ("tokenizer.json", "{}"),
            ("modules.json",
                Pooling[..^1]
                + """,{"type":"sentence_transformers.models.Dense","path":"2_Dense"},{"type":"sentence_transformers.models.Normalize","path":"3_Normalize"}]"""),
            ("1_Pooling/config.json",
                $$"""{"word_embedding_dimension":8,"pooling_mode_mean_tokens":false,"include_prompt":true,"{{mode}}":true}"""),
            ("config_sentence_transformers.json", """{"prompts":{"query":"query: ","document":""},"default_prompt_name":"query"}"""));

        var text = _folder.Complete(Tokens).Settings.Text!;

        Assert.Equal((pooling, true, "query", "query: "), (text.Pooling, text.Normalize, text.DefaultPrompt, text.Prompts["query"]));
        Assert.Equal("2_Dense", Assert.Single(text.Dense));
    }

    [Theory]
    [InlineData("""{"pooling_mode":"mean"}""", TextPooling.Mean)]
    [InlineData("""{"pooling_mode":"cls"}""", TextPooling.Cls)]
    [InlineData("""{"pooling_mode":"lasttoken"}""", TextPooling.Last)]
    public void Complete_PoolingByName_IsKnown(string pooling, TextPooling expected)
    {
        _folder.Write(("config.json", """{"architectures":["BertModel"]}"""), ("tokenizer.json", "{}"), ("modules.json", Pooling),
            ("1_Pooling/config.json", pooling));

        Assert.Equal(expected, _folder.Complete(Tokens).Settings.Text!.Pooling);
    }

    [Fact]
    public void Complete_GraphWithTheEmbedding_IsNotPooled()
    {
        _folder.Write(("config.json", """{"architectures":["BertModel"]}"""), ("tokenizer.json", "{}"), ("modules.json", Pooling),
            ("1_Pooling/config.json", """{"pooling_mode":"mean"}"""));
        var signature = new ModelSignature(Tokens.Inputs,
            [HubFolder.Spec("token_embeddings", ElementType.Float32, -1, -1, 8),
                HubFolder.Spec("sentence_embedding", ElementType.Float32, -1, 8)]);

        Assert.Equal(TextPooling.None, _folder.Complete(signature).Settings.Text!.Pooling);
    }

    [Theory]
    [InlineData("""{"max_position_embeddings":512}""", """{"model_max_length":128}""", null, 128)]
    [InlineData("""{"max_position_embeddings":512}""", """{"model_max_length":1000000000000000019884624838656}""", null, 512)]
    [InlineData(
        """{"max_position_embeddings":512}""", """{"model_max_length":512}""", """{"max_seq_length":256,"do_lower_case":false}""", 256)]
    [InlineData("""{"max_position_embeddings":512}""", null, """{"max_seq_length":null}""", 512)]
    [InlineData("""{"max_position_embeddings":514,"model_type":"xlm-roberta","pad_token_id":1}""", null, null, 512)]
    [InlineData("""{"n_positions":8192}""", null, null, 8192)]
    [InlineData("""{"max_position_embeddings":131072}""", null, null, 65536)]
    [InlineData("""{}""", """{"model_max_length":1000000000000000019884624838656}""", null, 512)]
    public void Complete_Lengths_TheSmallestHolds(string config, string? tokenizer, string? sentence, int expected)
    {
        _folder.Write(("config.json", config.Insert(1, "\"architectures\":[\"BertForMaskedLM\"]" + (config.Length > 2 ? "," : ""))),
            ("tokenizer.json", "{}"));
        if (tokenizer is not null)
            _folder.Write(("tokenizer_config.json", tokenizer));
        if (sentence is not null)
            _folder.Write(("sentence_bert_config.json", sentence));

        Assert.Equal(expected, _folder.Complete(Tokens).Settings.Text!.MaxTokens);
    }

    [Theory]
    [InlineData("vocab.txt", TokenizerKind.WordPiece, true)]
    [InlineData("vocab.json", TokenizerKind.Bpe, false)]
    [InlineData("tokenizer.json", TokenizerKind.HuggingFace, false)]
    public void Complete_TokenizerFile_DeterminesItsKind(string file, TokenizerKind kind, bool lowercase)
    {
        _folder.Write(("config.json", """{"architectures":["BertForMaskedLM"]}"""), (file, "{}"));

        var text = _folder.Complete(Tokens).Settings.Text!;

        Assert.Equal((kind, lowercase), (text.Tokenizer, text.Lowercase));
    }

    [Theory]
    [InlineData("{}", null, true)]
    [InlineData("""{"strip_accents":null,"tokenize_chinese_chars":true}""", null, true)]
    [InlineData("""{"strip_accents":false,"tokenize_chinese_chars":false}""", false, false)]
    [InlineData("""{"strip_accents":true}""", true, true)]
    public void Complete_TokenizerConfigOfAVocabulary_IsFollowed(string config, bool? stripsAccents, bool separatesChinese)
    {
        _folder.Write(
            ("config.json", """{"architectures":["BertForMaskedLM"]}"""), ("vocab.txt", ""), ("tokenizer_config.json", config));

        var text = _folder.Complete(Tokens).Settings.Text!;

        Assert.Equal((stripsAccents, separatesChinese), (text.StripsAccents, text.SeparatesChinese));
    }

    [Theory]
    [InlineData("""{"size":{"height":224,"width":192},"do_resize":true}""", 224, 192, ImageResize.Stretch, null, ImageResample.Bilinear)]
    [InlineData("""{"size":224,"resample":2}""", 224, 224, ImageResize.Stretch, null, ImageResample.Bilinear)]
    [InlineData("""{"size":{"shortest_edge":256},"do_center_crop":true,"crop_size":{"height":224,"width":224},"resample":3}""", 224, 224,
        ImageResize.Crop, 256, ImageResample.Bicubic)]
    [InlineData("""{"size":{"shortest_edge":224},"crop_pct":0.875,"resample":3}""", 224, 224, ImageResize.Crop, 256, ImageResample.Bicubic)]
    public void Complete_Preprocessor_DeterminesTheImageSettings(
        string config, int height, int width, ImageResize resize, int? edge, ImageResample filter)
    {
        _folder.Write(
            ("config.json", """{"architectures":["ViTForImageClassification"],"id2label":{"0":"a","1":"b","2":"c"}}"""),
            ("preprocessor_config.json", config.Insert(1, "\"image_mean\":[0.5,0.4,0.3],\"image_std\":[0.1,0.2,0.3],")));

        var image = _folder.Complete(Pixels).Settings.Image!;

        Assert.Equal((height, width, resize, edge, filter), (image.Height, image.Width, image.Resize, image.ShortestEdge, image.Resample));
        Assert.Equal([0.5f, 0.4f, 0.3f], image.Mean.ToArray());
        Assert.Equal([0.1f, 0.2f, 0.3f], image.Std.ToArray());
    }

    [Fact]
    public void Complete_ModelJson_ReplacesTheFolderKeyByKey()
    {
        _folder.Write(
            ("config.json", """{"architectures":["BertModel"],"max_position_embeddings":64}"""), ("tokenizer.json", "{}"),
            ("modules.json", Pooling),
            ("1_Pooling/config.json", """{"pooling_mode_weightedmean_tokens":true}"""));

        var completed = _folder.Complete(Tokens, """{"text":{"pooling":"cls"}}""");

        Assert.Equal((ModelTask.FeatureExtraction, TextPooling.Cls, 64),
            (completed.Settings.Task, completed.Settings.Text!.Pooling, completed.Settings.Text.MaxTokens));
        Assert.Equal(7, _folder.Complete(Tokens, """{"text":{"pooling":"max","maxTokens":7}}""").Settings.Text!.MaxTokens);
        Assert.Equal(ModelTask.FillMask, _folder.Complete(Tokens, """{"task":"fill-mask"}""").Settings.Task);
    }

    [Fact]
    public void Complete_ModelJsonOfAnImage_ReplacesTheFolderKeyByKey()
    {
        _folder.Write(("config.json", """{"architectures":["ViTForImageClassification"]}"""),
            ("preprocessor_config.json", """{"size":{"height":24,"width":32},"image_mean":[0.5],"image_std":1}"""));

        var image = _folder.Complete(Pixels, """{"image":{"height":24,"width":32,"std":[0.25]}}""").Settings.Image!;

        Assert.Equal((0.5f, 0.25f), (image.Mean[0], image.Std[0]));
    }

    /// <summary>Without a task in model.json, the model accepts only tensors, and the warnings say why.</summary>
    [Theory]
    [InlineData("""{"model_type":"bert"}""", "config.json: $.architectures: The key is missing")]
    [InlineData("""{"architectures":["YolosForObjectDetection"]}""",
        "config.json: $.architectures: \"YolosForObjectDetection\" has no supported task")]
    [InlineData("""{"architectures":["BertModel"]}""", "modules.json: The file names no supported pooling")]
    [InlineData("""{"architectures":["BertForSequenceClassification"],"id2label":{"0":"a","2":"b"}}""",
        "config.json: $.id2label: The labels are not numbered from 0 to 1")]
    [InlineData("""{"architectures":["ViTForImageClassification"]}""", "preprocessor_config.json: The size of images is unknown, because the file is missing")]
    [InlineData("""{"architectures":""", "config.json: The file is not valid JSON")]
    [InlineData("""{"architectures":["BertForSequenceClassification"],"dropout":NaN}""",
        "config.json: The file is not valid JSON: 'N' is an invalid start of a value")]
    [InlineData("""{"architectures":["BertForSequenceClassification"],"id2label":{"0":"a","1":"b","2":"c"}}""",
        "config.json: $.id2label: There are 3 labels, but output \"logits\" of the model has 2 scores for each item")]
    [InlineData("""{"architectures":["BertForTokenClassification"],"id2label":{"0":"O"}}""",
        "config.json: $.id2label: There is 1 label, but output \"last_hidden_state\" of the model has 8 scores for each item")]
    [InlineData("""{"architectures":["BertForSequenceClassification"],"num_labels":1,"sbert_ce_default_activation_function":"a.Tanh"}""",
        "config.json: $.sbert_ce_default_activation_function: \"a.Tanh\" is not supported. Supported are Identity and Sigmoid")]
    public void Complete_UnknownSetting_IsAWarning(string config, string warning)
    {
        _folder.Write(("config.json", config), ("tokenizer.json", "{}"));

        var completed = _folder.Complete(Tokens);

        Assert.Null(completed.Settings.Task);
        Assert.Null(completed.Settings.Text);
        Assert.Contains(
            completed.Warnings, problem => (problem with { Line = 0 }).ToString().StartsWith(warning, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"task":"zero-shot-classification"}""", "config.json:1:43: $.id2label: No label starts with \"entail\"")]
    [InlineData("""{"task":"feature-extraction"}""",
        "1_Pooling/config.json:1:37: $.pooling_mode_weightedmean_tokens: The pooling is pooling_mode_weightedmean_tokens; one of")]
    [InlineData("""{"text":{"maxTokens":7}}""", "1_Pooling/config.json:1:37: $.pooling_mode_weightedmean_tokens")]
    [InlineData("""{"task":"image-classification"}""", "preprocessor_config.json: The size of images is unknown, because the file is missing")]
    public void Complete_ImpossibleSettingsInModelJson_FailsTheLoad(string json, string problem)
    {
        _folder.Write(
            ("config.json", """{"architectures":["BertModel"],"id2label":{"0":"a","1":"b"}}"""), ("tokenizer.json", "{}"),
            ("modules.json", Pooling),
            ("1_Pooling/config.json", """{"pooling_mode_weightedmean_tokens":true}"""));

        var exception = Assert.Throws<FileProblemsException>(() => _folder.Complete(Tokens, json));

        AssertText.Contains(problem, exception.Message);
    }

    [Fact]
    public void Complete_TextModelWithOtherInputs_TakesTensors()
    {
        _folder.Write(("config.json", """{"architectures":["GPT2ForSequenceClassification"]}"""), ("tokenizer.json", "{}"));
        var signature = new ModelSignature([.. Tokens.Inputs, HubFolder.Spec("position_ids", ElementType.Int64, -1, -1)], Tokens.Outputs);

        var completed = _folder.Complete(signature);

        Assert.Null(completed.Settings.Text);
        Assert.Contains(
            "config.json: $.architectures: Input \"position_ids\"", Assert.Single(completed.Warnings).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Complete_ModelWithoutTheOutputsOfItsTask_TakesTensors()
    {
        _folder.Write(("config.json", """{"architectures":["BertForTokenClassification"]}"""), ("tokenizer.json", "{}"));
        var signature = new ModelSignature(Tokens.Inputs, [HubFolder.Spec("logits", ElementType.Float16, -1, -1, 8)]);

        Assert.Contains(
            "The task \"token-classification\" needs an FP32 output of rank 3",
            Assert.Single(_folder.Complete(signature).Warnings).ToString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Complete_FolderOfAnotherKind_IsAsBefore()
    {
        var configuration = HubFolder.Configuration("""{"text":{"maxTokens":7}}""");

        Assert.Same(configuration, HuggingFaceFolder.Complete(configuration, _folder.Path, Tokens));
    }

    public void Dispose() => _folder.Dispose();
}
