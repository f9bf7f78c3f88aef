namespace Inference.Models.Settings;

/// <summary>The names of tasks, which are those of Hugging Face's pipelines.</summary>
public static class ModelTaskNames
{
    public static string Name(this ModelTask task) => task switch
    {
        ModelTask.FeatureExtraction => "feature-extraction",
        ModelTask.TextRanking => "text-ranking",
        ModelTask.TextClassification => "text-classification",
        ModelTask.ZeroShotClassification => "zero-shot-classification",
        ModelTask.TokenClassification => "token-classification",
        ModelTask.FillMask => "fill-mask",
        ModelTask.ImageClassification => "image-classification",
    };
}
