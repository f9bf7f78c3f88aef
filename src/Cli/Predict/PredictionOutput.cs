using System.Text.Json;

namespace Cli.Predict;

/// <summary>
/// Writes predictions in the order of their items. Printed predictions stay after a failure. A file is written as a whole or not at all.
/// </summary>
/// <param name="file">The file of the predictions; null to print them.</param>
internal abstract class PredictionOutput(OutputFile? file) : IDisposable
{
    /// <summary>Whether predictions are printed, not written to a file.</summary>
    public bool IsPrinted => file is null;

    /// <summary>The number of items written, which is also the index of the next item.</summary>
    public int ItemCount { get; private set; }

    /// <summary>Writes the response to a single request, which can have the format of Hugging Face's inference API.</summary>
    /// <exception cref="CliException">The response has no predictions.</exception>
    public virtual void WriteSingle(JsonElement response) =>
        Write(response, IsPrinted ? "Use --format json to print it." : "Name a .json file to save it.");

    /// <summary>
    /// Writes the response to a request with items. An inference server always responds to such a request with predictions.
    /// </summary>
    /// <exception cref="CliException">The response has no predictions.</exception>
    public void Write(JsonElement response) => Write(response, "Check --endpoint.");

    /// <summary>Completes the file. Call this after the last prediction.</summary>
    public void Complete()
    {
        if (file is not null && TryFinish())
            file.Complete();
    }

    public virtual void Dispose() => file?.Dispose();

    /// <summary>Writes the rest of the content to the file.</summary>
    /// <returns>False when there is no content for a file.</returns>
    protected abstract bool TryFinish();

    /// <param name="labels">The labels of the item, best first; undefined when the model has none.</param>
    protected abstract void WriteItem(JsonElement prediction, JsonElement labels);

    /// <param name="fix">What to do when the response has no predictions.</param>
    private void Write(JsonElement response, string fix)
    {
        var predictions = GetPredictions(response, fix);
        var labels = response.TryGetProperty("labels", out var itemLabels) ? itemLabels : default;
        var index = 0;
        foreach (var prediction in predictions.EnumerateArray())
        {
            WriteItem(prediction, labels.ValueKind == JsonValueKind.Array ? labels[index] : default);
            index++;
            ItemCount++;
        }
    }

    /// <summary>
    /// Returns the array of predictions, one for each item. If the model has no batch dimension, the array is its only output, and each
    /// element counts as a prediction.
    /// </summary>
    private static JsonElement GetPredictions(JsonElement response, string fix) =>
        response.ValueKind == JsonValueKind.Object && response.TryGetProperty("predictions", out var predictions)
        && predictions.ValueKind == JsonValueKind.Array
            ? predictions
            : throw new CliException("The server's response has no predictions.") { Fix = fix };
}
