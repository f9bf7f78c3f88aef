using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Protocols.Text;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.Predict;

/// <summary>
/// Writes <c>{"model","version","predictions":[...]}</c>: an entry for each item, of the one output or an object of all. A map is an
/// object, a list an array. With labels, <c>"labels"</c> has for each item the best classes, best first; <c>"model_digest"</c> is there
/// when the model's settings ask for it.
/// </summary>
public static class PredictWriter
{
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: JSON cannot carry the outputs.</exception>
    public static void Write(IBufferWriter<byte> output, Prediction prediction, AnswerForm answer)
    {
        var texts = AnswerTexts.Of(prediction.Model);
        output.Write(texts.Start);
        var writer = JsonText.WriterTo(output);
        using var pooled = answer.Texts is { } batch ? TextPooler.Pool(prediction, batch) : null;
        if (pooled is not null)
            JsonTensorWriter.WriteNested(writer, new NamedTensor("embedding", pooled));
        else if (prediction.Model.Signature.ItemAxis == ItemAxis.None)
            WriteWhole(writer, prediction);
        else
            JsonItemWriter.Write(writer, prediction, JsonDialect.Plain);
        writer.Flush();
        if (answer.TopK > 0 && FindScores(prediction) is { } scores)
            WriteLabels(output, scores, texts, answer.TopK);
        output.Write("}"u8);
    }

    private static void WriteWhole(Utf8JsonWriter writer, Prediction prediction)
    {
        if (prediction.Outputs.Count == 1 && prediction.Outputs[0].Tensor.Shape.Rank > 0)
        {
            JsonTensorWriter.WriteNested(writer, prediction.Outputs[0]);
            return;
        }

        var outputs = JsonOutput.Of(prediction);
        if (outputs is [{ IsArray: true } only])
        {
            only.WriteWhole(writer, JsonDialect.Plain);
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

    /// <summary>The output that the labels name: the first that holds one FP32 score a label for every item.</summary>
    private static Tensor? FindScores(Prediction prediction)
    {
        var labels = prediction.Model.Labels.Length;
        for (var i = 0; labels > 0 && i < prediction.Outputs.Count; i++)
        {
            var tensor = prediction.Outputs[i].Tensor;
            if (prediction.Outputs[i].Rows is null && tensor.Type == ElementType.Float32 && tensor.Shape.Rank == 2
                && tensor.Shape[1] == labels
                && prediction.Model.Signature.PartOf(prediction.Outputs[i].Name) is null)
            {
                return tensor;
            }
        }

        return null;
    }

    private static void WriteLabels(IBufferWriter<byte> output, Tensor scores, AnswerTexts texts, int count)
    {
        Span<int> best = stackalloc int[Math.Min(count, texts.LabelCount)];
        output.Write(",\"labels\":["u8);
        for (var item = 0; item < scores.Shape[0]; item++)
        {
            var row = scores.Values<float>().Slice(item * texts.LabelCount, texts.LabelCount);
            Best(row, best);
            output.Write(item == 0 ? "["u8 : ",["u8);
            for (var place = 0; place < best.Length; place++)
                texts.WriteLabel(output, best[place], row[best[place]], isFirst: place == 0);
            output.Write("]"u8);
        }

        output.Write("]"u8);
    }

    /// <summary>The positions of the highest scores, highest first, the earlier first among equals; NaN is lowest.</summary>
    private static void Best(ReadOnlySpan<float> scores, Span<int> best)
    {
        var found = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            var place = found;
            while (place > 0 && scores[best[place - 1]].CompareTo(scores[i]) < 0)
                place--;
            if (place == best.Length)
                continue;
            found = Math.Min(found + 1, best.Length);
            for (var j = found - 1; j > place; j--)
                best[j] = best[j - 1];
            best[place] = i;
        }
    }
}
