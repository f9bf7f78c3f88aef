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

    /// <summary>
    /// Finds the output that the labels belong to: the first FP32 output with one score per label for every item. If there is none, and the
    /// model has no task, the first such output of another floating-point type.
    /// </summary>
    private static Tensor? FindScores(Prediction prediction)
    {
        var model = prediction.Model;
        Tensor? scores = null;
        for (var i = 0; !model.Labels.IsEmpty && i < prediction.Outputs.Count; i++)
        {
            var tensor = prediction.Outputs[i].Tensor;
            if (prediction.Outputs[i].Rows is not null || !tensor.Type.IsFloat() || tensor.Shape.Rank != 2
                || tensor.Shape[1] != model.Labels.Length || model.Signature.FindPart(prediction.Outputs[i].Name) is not null)
            {
                continue;
            }

            if (tensor.Type == ElementType.Float32)
                return tensor;
            if (model.Task is null)
                scores ??= tensor;
        }

        return scores;
    }

    private static void WriteLabels(
        IBufferWriter<byte> output, Tensor scores, ResponseFragments fragments, Model model, ResponseFormat format)
    {
        var count = fragments.LabelCount;
        Span<int> best = stackalloc int[Math.Min(format.TopK, count)];
        // Without a task, the model's outputs are the scores.
        var needsFunction = model.Task == ModelTask.ImageClassification;
        var scoreFunction = TextScores.ScoreFunctionOf(model, format.Parameters.Options, count);
        var converted = needsFunction || scores.Type is ElementType.Float16 or ElementType.BFloat16 ? new float[count] : [];
        output.Write(",\"labels\":["u8);
        for (var item = 0; item < scores.Shape[0]; item++)
        {
            output.Write(item == 0 ? "["u8 : ",["u8);
            var start = item * count;
            if (scores.Type == ElementType.Float64)
            {
                WriteBest<double, DoubleText>(output, scores.Values<double>().Slice(start, count), best, fragments);
            }
            else
            {
                var row = ReadRow(scores, start, count, converted);
                if (needsFunction)
                {
                    TextScores.Convert(scoreFunction, row, converted);
                    row = converted;
                }

                WriteBest<float, SingleNumberText>(output, row, best, fragments);
            }

            output.Write("]"u8);
        }

        output.Write("]"u8);
    }

    /// <summary>Returns the scores of an item as FP32, which represents all values of smaller types.</summary>
    /// <param name="converted">Receives the scores of FP16 and BF16.</param>
    private static ReadOnlySpan<float> ReadRow(Tensor scores, int start, int count, float[] converted)
    {
        if (scores.Type == ElementType.Float32)
            return scores.Values<float>().Slice(start, count);
        for (var i = 0; i < count; i++)
        {
            converted[i] = scores.Type == ElementType.Float16
                ? (float)scores.Values<Half>()[start + i]
                : BFloat16.Widen(scores.Values<ushort>()[start + i]);
        }

        return converted;
    }

    private static void WriteBest<T, TText>(IBufferWriter<byte> output, ReadOnlySpan<T> scores, Span<int> best, ResponseFragments fragments)
        where T : unmanaged, IComparable<T>
        where TText : INumberText<T>
    {
        BestScores.Find(scores, best);
        for (var rank = 0; rank < best.Length; rank++)
            fragments.WriteLabel<T, TText>(output, best[rank], scores[best[rank]], isFirst: rank == 0);
    }
}
