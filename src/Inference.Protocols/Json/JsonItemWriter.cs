using System.Text.Json;
using Inference.Requests;

namespace Inference.Protocols.Json;

/// <summary>
/// Writes outputs per item: an array with one entry for each item. If there is one output, an entry is its value. If there are several, an
/// entry is an object with the value of each output. An only output that is one tensor is written whole, because its nested array has one
/// entry per item already.
/// </summary>
internal static class JsonItemWriter
{
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the outputs differ in their number of items.
    /// </exception>
    public static void Write(Utf8JsonWriter writer, Prediction prediction, JsonDialect dialect)
    {
        if (prediction.Outputs is [{ Rows: null }])
        {
            JsonTensorWriter.WriteNested(writer, prediction.Outputs[0], dialect);
            return;
        }

        var outputs = JsonOutputWriter.CreateAll(prediction);
        if (outputs is [{ HasRows: false }])
        {
            outputs[0].WriteWhole(writer, dialect);
            return;
        }

        var items = Count(outputs);
        writer.WriteStartArray();
        for (var item = 0; item < items; item++)
        {
            if (outputs.Count == 1)
            {
                outputs[0].WriteItem(writer, dialect, item);
                continue;
            }

            writer.WriteStartObject();
            foreach (var output in outputs)
            {
                writer.WritePropertyName(output.Name);
                output.WriteItem(writer, dialect, item);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static long Count(List<JsonOutputWriter> outputs)
    {
        var items = outputs[0].ItemCount;
        foreach (var other in outputs.Skip(1))
        {
            if (items is not null && other.ItemCount == items)
                continue;
            throw new InferenceException(
                InferenceError.RuntimeFailure,
                $"Outputs \"{outputs[0].Name}\" {outputs[0].Shape} and \"{other.Name}\" {other.Shape} differ in their number of items, "
                + "so they cannot be written as one entry per item. Request them with POST /v2/models/<model>/infer.");
        }

        return items ?? 0;
    }
}
