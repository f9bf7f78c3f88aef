using System.Text.Json;
using Inference.Tensors;

namespace Inference.Protocols.Json;

/// <summary>Writes outputs item by item: an array with the value of the one output, or an object of all, for each item of the first dimension.</summary>
internal static class JsonItemWriter
{
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: they differ in their number of items.</exception>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<NamedTensor> outputs, JsonDialect dialect)
    {
        if (outputs is [{ Rows: null }])
        {
            JsonTensorWriter.WriteNested(writer, outputs[0], dialect);
            return;
        }

        var items = CountItems(outputs[0]);
        if (outputs.FirstOrDefault(output => output.Tensor.Shape.Rank == 0 || CountItems(output) != items) is { Tensor: not null } other)
        {
            throw new InferenceException(
                InferenceError.RuntimeFailure,
                $"Outputs \"{outputs[0].Name}\" {outputs[0].Tensor.Shape} and \"{other.Name}\" {other.Tensor.Shape} differ in their number of rows, "
                + "so they have no form with an entry for each. Ask for them by the Open Inference call, POST /v2/models/<model>/infer.");
        }

        writer.WriteStartArray();
        for (var item = 0; item < items; item++)
        {
            if (outputs.Count == 1)
            {
                WriteRow(writer, outputs[0], item, dialect);
                continue;
            }

            writer.WriteStartObject();
            foreach (var output in outputs)
            {
                writer.WritePropertyName(output.Name);
                WriteRow(writer, output, item, dialect);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static long CountItems(NamedTensor output) =>
        output.Rows?.Count ?? (output.Tensor.Shape.Rank == 0 ? 0 : output.Tensor.Shape[0]);

    private static void WriteRow(Utf8JsonWriter writer, NamedTensor output, int item, JsonDialect dialect) =>
        JsonTensorWriter.WriteItem(writer, new NamedTensor(output.Name, output.RowOf(item)), dialect);
}
