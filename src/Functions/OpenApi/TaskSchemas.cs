using Inference.Models;
using Inference.Models.Settings;

namespace Functions.OpenApi;

/// <summary>The names of the schemas of a task's results. The schemas are in <c>tasks.json</c>.</summary>
/// <param name="Item">The result of one text in <c>"predictions"</c>; null when the result is the model's own output.</param>
/// <param name="Response">The whole response in the form of Hugging Face's inference.</param>
internal sealed record TaskSchemas(string? Item, string Response)
{
    private static readonly TaskSchemas Labels = new("LabelScores", "TextLabelsResult");

    /// <summary>Returns the schemas of a model; null for a model that has no response in Hugging Face's form.</summary>
    public static TaskSchemas? ForModel(Model model) => model switch
    {
        { Text: null, Image: not null, Task: ModelTask.ImageClassification } => new TaskSchemas(null, "ImageLabelsResult"),
        { Text: null } or { Task: ModelTask.ImageClassification } => null,
        { Task: ModelTask.TextRanking } => Labels with { Item = "Score" },
        { Task: ModelTask.TextClassification } => Labels,
        { Task: ModelTask.ZeroShotClassification } => new TaskSchemas("ZeroShotLabels", "ZeroShotResult"),
        { Task: ModelTask.TokenClassification } => new TaskSchemas("Entities", "EntitiesResult"),
        { Task: ModelTask.FillMask } => new TaskSchemas("MasksOfText", "MasksResult"),
        _ => new TaskSchemas("Vector", "FeatureExtractionResult"),
    };
}
