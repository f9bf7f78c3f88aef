using System.Text.Json;
using Cli.Output;

namespace Cli.Predict;

/// <summary>
/// Reads the predictions of models with a task, such as text classification. The parts of such a prediction are labels with scores,
/// entities of a text, or tokens for a masked gap in a text.
/// </summary>
internal static class TaskResponse
{
    public const string LabelKey = "label";
    private const string ScoreKey = "score";

    /// <summary>The text that replaces a label whose score is NaN.</summary>
    public const string NoLabel = "-";

    /// <summary>Whether the score of a part is NaN. Its label is then not a prediction.</summary>
    public static bool IsNoPrediction(JsonElement part) => part.TryGetProperty(ScoreKey, out var score) && score.ToString() == "NaN";

    /// <summary>Returns the label of a part; <see cref="NoLabel"/> when its score is NaN.</summary>
    public static string GetLabel(JsonElement part) => IsNoPrediction(part) ? NoLabel : part.GetProperty(LabelKey).ToString();

    /// <summary>
    /// Whether the scores of an item's labels differ from the values of its prediction. For an image, the values can be logits, and the
    /// scores their softmax. Equal scores are not printed beside the values.
    /// </summary>
    public static bool HasOtherScores(JsonElement prediction, JsonElement labels) =>
        labels.ValueKind == JsonValueKind.Array && labels.GetArrayLength() > 0 && prediction.ValueKind == JsonValueKind.Array
            && labels[0].TryGetProperty(ScoreKey, out var score)
            && !prediction.EnumerateArray().Any(value =>
                value.ValueKind is JsonValueKind.Array or JsonValueKind.Object || value.ToString() == score.ToString());

    /// <summary>Returns the parts of a prediction that become rows of a table, each a JSON object.</summary>
    /// <returns>Null for tensors, embeddings and scores.</returns>
    public static IReadOnlyList<JsonElement>? FindRows(JsonElement prediction) => prediction.ValueKind switch
    {
        JsonValueKind.Array when prediction.GetArrayLength() == 0 => [],
        JsonValueKind.Array when prediction[0].ValueKind == JsonValueKind.Object => [.. prediction.EnumerateArray()],
        // A text with several masks has an array for each mask.
        JsonValueKind.Array when prediction[0].ValueKind == JsonValueKind.Array && FindRows(prediction[0]) is [_, ..] =>
            [.. prediction.EnumerateArray().SelectMany(part => FindRows(part) ?? [])],
        JsonValueKind.Object when prediction.TryGetProperty("labels", out var labels) && labels.ValueKind == JsonValueKind.Array
            && prediction.TryGetProperty("scores", out var scores) && scores.ValueKind == JsonValueKind.Array =>
            [.. labels.EnumerateArray().Zip(scores.EnumerateArray(), Pair)],
        _ => null,
    };

    /// <summary>Joins a label and its score, because zero-shot classification has labels and scores in separate arrays.</summary>
    private static JsonElement Pair(JsonElement label, JsonElement score) => JsonElement.Parse(JsonConsole.ToBytes(writer =>
    {
        writer.WriteStartObject();
        writer.WritePropertyName("label"u8);
        label.WriteTo(writer);
        writer.WritePropertyName("score"u8);
        score.WriteTo(writer);
        writer.WriteEndObject();
    }));
}
