using System.Text.Json;

namespace Cli.Predict;

/// <summary>The answers of tasks: labels with scores, entities of a text, tokens for a mask.</summary>
internal static class TaskResponse
{
    /// <summary>The parts of an answer that are rows of a table, each an object.</summary>
    /// <returns>Null for tensors, embeddings and scores.</returns>
    public static IReadOnlyList<JsonElement>? FindRows(JsonElement prediction) => prediction.ValueKind switch
    {
        JsonValueKind.Array when prediction.GetArrayLength() == 0 => [],
        JsonValueKind.Array when prediction[0].ValueKind == JsonValueKind.Object => [.. prediction.EnumerateArray()],
        // Several masks of a text.
        JsonValueKind.Array when prediction[0].ValueKind == JsonValueKind.Array && FindRows(prediction[0]) is [_, ..] =>
            [.. prediction.EnumerateArray().SelectMany(part => FindRows(part) ?? [])],
        JsonValueKind.Object when prediction.TryGetProperty("labels", out var labels) && labels.ValueKind == JsonValueKind.Array
            && prediction.TryGetProperty("scores", out var scores) && scores.ValueKind == JsonValueKind.Array =>
            [.. labels.EnumerateArray().Zip(scores.EnumerateArray(), Pair)],
        _ => null,
    };

    /// <summary>A label of zero-shot classification, whose answer has labels and scores apart.</summary>
    private static JsonElement Pair(JsonElement label, JsonElement score)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("label"u8);
            label.WriteTo(writer);
            writer.WritePropertyName("score"u8);
            score.WriteTo(writer);
            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.ToArray());
    }
}
