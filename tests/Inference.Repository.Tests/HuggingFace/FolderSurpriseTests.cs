using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Inference.Repository.Tests.HuggingFace;

/// <summary>Tests unusual folders. Content that is not understood becomes a warning, and no file outside the folder is read.</summary>
public sealed class FolderSurpriseTests : IDisposable
{
    private const string Vit = """{"architectures":["ViTForImageClassification"]}""";

    private static readonly ModelSignature Pixels =
        new([HubFolder.Spec("pixel_values", ElementType.Float32, -1, 3, -1, -1)], [HubFolder.Spec("logits", ElementType.Float32, -1, 3)]);

    private static readonly ModelSignature Tokens = new(
        [HubFolder.Spec("input_ids", ElementType.Int64, -1, -1), HubFolder.Spec("attention_mask", ElementType.Int64, -1, -1)],
        [HubFolder.Spec("last_hidden_state", ElementType.Float32, -1, -1, 8), HubFolder.Spec("logits", ElementType.Float32, -1, 1)]);

    private readonly HubFolder _folder = new();

    [Theory]
    [InlineData("../outside", "sentence_transformers.models.Pooling")]
    [InlineData("/tmp/outside", "sentence_transformers.models.Pooling")]
    [InlineData("a/../../outside", "sentence_transformers.models.Dense")]
    [InlineData("..", "sentence_transformers.models.Dense")]
    [InlineData("", "sentence_transformers.models.Pooling")]
    [InlineData("", "sentence_transformers.models.Dense")]
    public void Complete_ModuleOutsideTheFolder_IsNotReadAndNotUsed(string path, string type)
    {
        _folder.Write(("config.json", """{"architectures":["BertModel"]}"""), ("tokenizer.json", "{}"),
            ("modules.json",
                """[{"type":"sentence_transformers.models.Pooling","path":"1_Pooling"},"""
                + $$"""{"type":"{{type}}","path":"{{path}}"}]"""),
            ("1_Pooling/config.json", """{"pooling_mode":"mean"}"""));
        _folder.Write(("../outside/config.json", """{"pooling_mode":"secret"}"""));

        var completed = _folder.Complete(Tokens);

        Assert.Null(completed.Settings.Text);
        var warning = Assert.Single(completed.Warnings);
        Assert.Equal(("modules.json", "$[1].path"), (warning.File, warning.Path));
        Assert.DoesNotContain("secret", warning.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Complete_CrossEncoderWithModules_RanksPairs()
    {
        _folder.Write(("config.json", """{"architectures":["BertForSequenceClassification"],"num_labels":1}"""), ("tokenizer.json", "{}"),
            ("modules.json", """[{"type":"sentence_transformers.models.Transformer","path":""}]"""),
            ("config_sentence_transformers.json", """{"model_type":"CrossEncoder"}"""));

        Assert.Equal(ModelTask.TextRanking, _folder.Complete(Tokens).Settings.Task);
    }

    [Fact]
    public void Complete_FolderInPlaceOfTheConfiguration_IsAWarning()
    {
        _folder.Write(("config.json/other", "{}"), ("tokenizer.json", "{}"));

        var completed = _folder.Complete(Tokens);

        Assert.Equal(
            "config.json: This is a folder; a JSON file is expected. Replace the folder with the file.",
            Assert.Single(completed.Warnings).ToString());
        Assert.Contains(
            "config.json: This is a folder",
            Assert.Throws<FileProblemsException>(() => _folder.Complete(Tokens, """{"task":"text-classification"}""")).Message,
            StringComparison.Ordinal);
    }

    /// <summary>
    /// The activation of Sentence Transformers takes precedence over the problem type. It also makes text ranking the task of the model.
    /// </summary>
    [Theory]
    [InlineData("\"sbert_ce_default_activation_function\":\"torch.nn.modules.linear.Identity\"", ScoreFunction.None)]
    [InlineData("\"sbert_ce_default_activation_function\":\"torch.nn.modules.activation.Sigmoid\",\"problem_type\":\"regression\"",
        ScoreFunction.Sigmoid)]
    [InlineData("\"sentence_transformers\":{\"activation_fn\":\"torch.nn.modules.linear.Identity\"}", ScoreFunction.None)]
    public void Complete_ActivationOfACrossEncoder_MakesItsScores(string config, ScoreFunction scores)
    {
        _folder.Write(
            ("config.json", $$"""{"architectures":["BertForSequenceClassification"],"id2label":{"0":"LABEL_0"},{{config}}}"""),
            ("tokenizer.json", "{}"));

        var settings = _folder.Complete(Tokens).Settings;

        Assert.Equal((ModelTask.TextRanking, scores), (settings.Task, settings.Text!.Scores));
    }

    [Fact]
    public void Complete_ByteOrderMarks_AreIgnored()
    {
        _folder.Write(("config.json", "\ufeff" + """{"architectures":["BertForSequenceClassification"],"num_labels":1}"""),
            ("tokenizer.json", "{}"), ("tokenizer_config.json", "\ufeff" + """{"model_max_length":64}"""));

        var completed = _folder.Complete(Tokens);

        Assert.Equal((ModelTask.TextRanking, 64), (completed.Settings.Task, completed.Settings.Text!.MaxTokens));
    }

    [Fact]
    public void Complete_SentencesInLowerCase_AreLowered()
    {
        _folder.Write(("config.json", """{"architectures":["BertForSequenceClassification"],"num_labels":1}"""), ("tokenizer.json", "{}"),
            ("sentence_bert_config.json", """{"max_seq_length":64,"do_lower_case":true}"""));

        Assert.True(_folder.Complete(Tokens).Settings.Text!.Lowercase);
    }

    [Theory]
    [InlineData("BertForMaskedLM", """{"mask_token":"<special1>","unk_token":"<u>"}""", "{}", "<special1>", null)]
    [InlineData("BertForMaskedLM", """{"mask_token":{"content":"<m>","lstrip":true}}""", """{"mask_token":"<x>"}""", "<m>", null)]
    [InlineData("BertForMaskedLM", """{"mask_token":null}""", """{"mask_token":{"content":"<m>"}}""", "<m>", null)]
    [InlineData("BertForMaskedLM", "{}", "{}", null, null)]
    [InlineData("BertForTokenClassification", """{"mask_token":"<m>","unk_token":"<u>"}""", "{}", null, "<u>")]
    public void Complete_SpecialTokens_AreThoseOfTheTask(string architecture, string config, string map, string? mask, string? unknown)
    {
        _folder.Write(("config.json", $$"""{"architectures":["{{architecture}}"]}"""), ("tokenizer.json", "{}"),
            ("tokenizer_config.json", config), ("special_tokens_map.json", map));

        var text = _folder.Complete(Tokens, """{"text":{"maxTokens":7}}""").Settings.Text!;

        Assert.Equal((mask, unknown, 7), (text.MaskToken, text.UnknownToken, text.MaxTokens));
    }

    /// <summary>The file concerns two settings, and has one problem.</summary>
    [Fact]
    public void Complete_DamagedTokenizerConfig_IsOneWarning()
    {
        _folder.Write(
            ("config.json", """{"architectures":["BertForMaskedLM"]}"""), ("tokenizer.json", "{}"), ("tokenizer_config.json", "{"));

        Assert.Equal("tokenizer_config.json", Assert.Single(_folder.Complete(Tokens).Warnings).File);
    }

    [Theory]
    [InlineData("""{"size":16,"image_mean":0.5,"image_std":0.25}""", "0.5", "0.25")]
    [InlineData("""{"size":16,"do_normalize":false}""", "0", "1")]
    [InlineData("""{"size":16,"feature_extractor_type":"MobileViTFeatureExtractor"}""", "0", "1")]
    [InlineData("""{"size":16,"image_processor_type":"MobileViTImageProcessor","do_normalize":null}""", "0", "1")]
    [InlineData("""{"size":16,"image_mean":[0,0.5,1],"image_std":[1,2,3],"rescale_offset":true}""", "1 1.5 2", "1 2 3")]
    [InlineData("""{"size":16,"image_mean":0,"image_std":[1,2,3],"include_top":true}""", "0", "1 4 9")]
    [InlineData("""{"size":16,"image_mean":0,"image_std":0.5,"image_processor_type":"EfficientNetImageProcessor"}""", "0", "0.25")]
    [InlineData("""{"size":16,"image_mean":0,"image_std":0.5,"image_processor_type":"EfficientNetImageProcessor","include_top":false}""",
        "0", "0.5")]
    [InlineData("""{"size":16,"do_normalize":false,"image_std":0.5,"include_top":true}""", "0", "0.5")]
    public void Complete_Normalization_IsAsTheProcessorDoesIt(string preprocessor, string mean, string std)
    {
        _folder.Write(("config.json", Vit), ("preprocessor_config.json", preprocessor));

        var image = _folder.Complete(Pixels).Settings.Image!;

        Assert.Equal((mean, std), (string.Join(' ', image.Mean), string.Join(' ', image.Std)));
    }

    [Fact]
    public void Complete_ImageProcessors_HaveTheirOrderCropAndScores()
    {
        const string Normal = "\"image_mean\":0,\"image_std\":1";
        _folder.Write(
            ("config.json", Vit.Insert(1, "\"problem_type\":\"multi_label_classification\",")),
            ("preprocessor_config.json", $$"""{"size":{"height":8,"width":8},"do_flip_channel_order":true,{{Normal}}}"""));
        var flipped = _folder.Complete(Pixels).Settings.Image!;
        _folder.Write(("preprocessor_config.json",
            $$"""{"image_processor_type":"ConvNextImageProcessor","crop_pct":null,"size":{"shortest_edge":224},{{Normal}}}"""));
        var cropped = _folder.Complete(Pixels).Settings.Image!;

        Assert.Equal((ImageChannels.Bgr, ScoreFunction.Sigmoid), (flipped.Channels, flipped.Scores));
        Assert.Equal((ImageResize.Crop, 224, 256), (cropped.Resize, cropped.Height, cropped.ShortestEdge));
    }

    [Theory]
    [InlineData("""{"image":{"height":8,"width":8,"scores":"softmax"}}""", "$.image.scores")]
    [InlineData("""{"text":{"scores":"sigmoid"}}""", "$.text.scores")]
    [InlineData("""{"image":{"height":8,"width":8}}""", null)]
    [InlineData("""{"task":"image-classification","image":{"height":8,"width":8,"scores":"softmax"}}""", null)]
    public void Complete_ScoresWithoutATask_AreAWarning(string json, string? path)
    {
        var warnings = _folder.Complete(Pixels, json).Warnings;

        Assert.Equal(path, warnings.SingleOrDefault()?.Path);
    }

    [Theory]
    [InlineData("""{"size":16}""", "$.image_mean")]
    [InlineData("""{"size":16,"image_mean":0.5,"image_std":[0,0,0]}""", "$.image_std")]
    [InlineData("""{"size":16,"image_mean":0,"image_std":1,"do_resize":false}""", "$.do_resize")]
    [InlineData("""{"size":{"shortest_edge":2000000000},"crop_size":16,"do_center_crop":true,"image_mean":0,"image_std":1}""", "$.size.shortest_edge")]
    [InlineData("""{"size":"16","image_mean":0,"image_std":1}""", "$.size")]
    [InlineData("""{"size":[16,16],"image_mean":0,"image_std":1}""", "$.size")]
    [InlineData("""{"size":{"height":"16","width":16},"image_mean":0,"image_std":1}""", "$.size.height")]
    [InlineData("""{"size":{"height":16,"width":0.5},"image_mean":0,"image_std":1}""", "$.size.width")]
    [InlineData("""{"size":16,"crop_size":"8","do_center_crop":true,"image_mean":0,"image_std":1}""", "$.crop_size")]
    [InlineData("""{"size":16,"image_mean":"a","image_std":1}""", "$.image_mean")]
    [InlineData("""{"size":16,"image_mean":["a",0.5],"image_std":1}""", "$.image_mean")]
    [InlineData("""{"size":16,"image_mean":0,"image_std":[1,1,1e99]}""", "$.image_std")]
    [InlineData("""{"size":16,"image_mean":0,"image_std":1,"resample":"bicubic"}""", "$.resample")]
    [InlineData("""{"size":16,"image_mean":0,"image_std":1,"include_top":"yes"}""", "$.include_top")]
    [InlineData("""{"size":{"shortest_edge":16},"crop_pct":1e-7,"image_mean":0,"image_std":1}""", "$.size")]
    public void Complete_ImagesThatCannotBeMadeSo_AreReported(string preprocessor, string path)
    {
        _folder.Write(("config.json", Vit), ("preprocessor_config.json", preprocessor));

        var completed = _folder.Complete(Pixels);

        Assert.Null(completed.Settings.Image);
        Assert.Contains(completed.Warnings, warning => warning.Path == path);
    }

    public void Dispose() => _folder.Dispose();
}
