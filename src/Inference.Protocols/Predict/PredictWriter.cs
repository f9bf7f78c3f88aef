using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Predict;

/// <summary>
/// Writes <c>{"model","version","predictions":[...]}</c> with an entry for each item: the value of the only output, or an object of all
/// outputs. A map becomes an object, and a list an array. For a model with labels, <c>"labels"</c> has the best classes of each item, best
/// first. <c>"model_digest"</c> is added when the model's settings request it.
/// </summary>
public static class PredictWriter
{
    /// <summary>Writes the response to a predict call.</summary>
    /// <param name="format">The form of the response, which the reader of the body has set.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: JSON cannot represent the outputs.</exception>
    public static void Write(IBufferWriter<byte> output, Prediction prediction, ResponseFormat format)
    {
        var writer = JsonText.GetWriter(output);
        if (format.IsHuggingFace)
        {
            TaskWriter.Write(writer, prediction, format);
            writer.Flush();
            return;
        }

        var fragments = ResponseFragments.ForModel(prediction.Model);
        output.Write(fragments.Start);
        var hasLabels = WritePredictions(writer, prediction, format);
        writer.Flush();
        if (!hasLabels && format.TopK > 0 && FindScores(prediction) is { } scores)
            WriteLabels(output, scores, fragments, prediction.Model, format);
        output.Write("}"u8);
    }

    /// <returns>Whether the predictions contain the labels.</returns>
    private static bool WritePredictions(Utf8JsonWriter writer, Prediction prediction, ResponseFormat format)
    {
        if (format.Texts is not null && TaskWriter.TryWritePredictions(writer, prediction, format))
            return true;
        if (prediction.Model.Signature.ItemAxis == ItemAxis.None)
            WriteWhole(writer, prediction);
        else
            JsonItemWriter.Write(writer, prediction, JsonDialect.Plain);
        return false;
    }

    private static void WriteWhole(Utf8JsonWriter writer, Prediction prediction)
    {
        if (prediction.Outputs.Count == 1 && prediction.Outputs[0].Tensor.Shape.Rank > 0)
        {
            JsonTensorWriter.WriteNested(writer, prediction.Outputs[0]);
            return;
        }

        var outputs = JsonOutputWriter.CreateAll(prediction);
        if (outputs is [{ IsArray: true } single])
        {
            single.WriteWhole(writer, JsonDialect.Plain);
            return;
        }

        writer.WriteStartArray();
        if (outputs.Count > 1)
            writer.WriteStartObject();
        foreach (var output in outputs)
        {
            if (outputs.Count > 1)
                writer.WritePropertyName(output.Name);
            output.WriteWhole(writer, JsonDialect.Plain);
        }

        if (outputs.Count > 1)
            writer.WriteEndObject();
        writer.WriteEndArray();
    }

    /// <summary>Finds the output that the labels belong to: the first output with one FP32 score per label for every item.</summary>
    private static Tensor? FindScores(Prediction prediction)
    {
        var labels = prediction.Model.Labels.Length;
        for (var i = 0; labels > 0 && i < prediction.Outputs.Count; i++)
        {
            var tensor = prediction.Outputs[i].Tensor;
            if (prediction.Outputs[i].Rows is null && tensor.Type == ElementType.Float32 && tensor.Shape.Rank == 2
                && tensor.Shape[1] == labels
                && prediction.Model.Signature.FindPart(prediction.Outputs[i].Name) is null)
            {
                return tensor;
            }
        }

        return null;
    }

    private static void WriteLabels(
        IBufferWriter<byte> output, Tensor scores, ResponseFragments fragments, Model model, ResponseFormat format)
    {
        Span<int> best = stackalloc int[Math.Min(format.TopK, fragments.LabelCount)];
        // Without a task, the model's outputs are the scores.
        var normalized = model.Task == ModelTask.ImageClassification ? new float[fragments.LabelCount] : null;
        var scoreFunction = TextScores.ScoreFunctionOf(model, format.Parameters.Options, fragments.LabelCount);
        output.Write(",\"labels\":["u8);
        for (var item = 0; item < scores.Shape[0]; item++)
        {
            var row = scores.Values<float>().Slice(item * fragments.LabelCount, fragments.LabelCount);
            if (normalized is not null)
            {
                TextScores.Convert(scoreFunction, row, normalized);
                row = normalized;
            }

            BestScores.Find(row, best);
            output.Write(item == 0 ? "["u8 : ",["u8);
            for (var rank = 0; rank < best.Length; rank++)
                fragments.WriteLabel(output, best[rank], row[best[rank]], isFirst: rank == 0);
            output.Write("]"u8);
        }

        output.Write("]"u8);
    }
}
