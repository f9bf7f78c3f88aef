using System.Text.Json;

namespace Cli.Predict;

/// <summary>Writes predictions in the order of their items. Disposal completes the output and keeps the written predictions.</summary>
internal abstract class PredictionOutput : IDisposable
{
    /// <summary>The number of items written.</summary>
    public int Items { get; private set; }

    /// <summary>Writes the response to a single request.</summary>
    public virtual void WriteSingle(JsonElement answer) => Write(answer);

    /// <summary>Writes the response to one of several requests.</summary>
    /// <exception cref="CliException">The response has no predictions.</exception>
    public void Write(JsonElement answer)
    {
        var labels = answer.TryGetProperty("labels", out var all) ? all : default;
        var index = 0;
        foreach (var prediction in Predictions(answer).EnumerateArray())
        {
            WriteItem(prediction, labels.ValueKind == JsonValueKind.Array ? labels[index] : default);
            index++;
            Items++;
        }
    }

    public abstract void Dispose();

    /// <param name="labels">The labels of the item; undefined when the model has none.</param>
    protected abstract void WriteItem(JsonElement prediction, JsonElement labels);

    /// <summary>
    /// Returns the predictions, one for each item. The only output of a model without a batch dimension is returned as it is: each of its
    /// elements counts as a prediction.
    /// </summary>
    private static JsonElement Predictions(JsonElement answer) =>
        answer.TryGetProperty("predictions", out var predictions) && predictions.ValueKind == JsonValueKind.Array
            ? predictions
            : throw new CliException("The server's response has no predictions; --json shows it.");
}
