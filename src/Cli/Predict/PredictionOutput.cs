using System.Text.Json;

namespace Cli.Predict;

/// <summary>Where predictions go, in the order of their items. What was written when it is disposed stays.</summary>
internal abstract class PredictionOutput : IDisposable
{
    /// <summary>How many are written.</summary>
    public int Items { get; private set; }

    /// <summary>The answer to the one request there is.</summary>
    public virtual void WriteOnly(JsonElement answer) => Write(answer);

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

    /// <param name="labels">Undefined when the model has none.</param>
    protected abstract void WriteItem(JsonElement prediction, JsonElement labels);

    /// <summary>Also of a model without a batch dimension, whose prediction is one tensor.</summary>
    private static JsonElement Predictions(JsonElement answer) =>
        answer.TryGetProperty("predictions", out var predictions) && predictions.ValueKind == JsonValueKind.Array
            ? predictions
            : throw new CliException("The server's answer has no predictions; --json shows what it has.");
}
