namespace Inference.Models.Settings;

/// <summary>The names of the tasks: the tags of Hugging Face's pipelines.</summary>
public static class ModelTaskNames
{
    /// <summary>The names, for <c>model.json</c>. One task has two names.</summary>
    public static IReadOnlyList<(string Name, ModelTask Task)> All { get; } =
    [
        ("feature-extraction", ModelTask.FeatureExtraction),
        ("sentence-similarity", ModelTask.FeatureExtraction),
        ("text-ranking", ModelTask.TextRanking),
        ("text-classification", ModelTask.TextClassification),
        ("zero-shot-classification", ModelTask.ZeroShotClassification),
        ("token-classification", ModelTask.TokenClassification),
        ("fill-mask", ModelTask.FillMask),
        ("image-classification", ModelTask.ImageClassification),
    ];

    /// <summary>All names, separated by commas, for messages.</summary>
    public static string List { get; } = string.Join(", ", All.Select(task => task.Name));

    /// <summary>Returns the name of a task, or the first of two names.</summary>
    public static string GetName(ModelTask task) => All.First(entry => entry.Task == task).Name;
}
