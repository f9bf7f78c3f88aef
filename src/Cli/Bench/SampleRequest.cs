using System.Text.Json;
using Cli.Output;

namespace Cli.Bench;

/// <summary>Generates an Open Inference request for a model from its metadata.</summary>
internal static class SampleRequest
{
    /// <summary>The maximum number of elements of a generated input, so that the request does not fill the memory.</summary>
    private const int MaxElements = 1 << 24;

    /// <param name="items">The size of a dynamic first dimension, which is the batch. Every other dynamic dimension gets size 1.</param>
    /// <exception cref="CliException">An input is too large, or the protocol defines no JSON for its datatype.</exception>
    public static byte[] Create(JsonElement metadata, int items) => JsonConsole.ToBytes(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("inputs"u8);
        foreach (var input in metadata.GetProperty("inputs").EnumerateArray())
            WriteInput(writer, input, items);
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void WriteInput(Utf8JsonWriter writer, JsonElement input, int items)
    {
        var (name, type) = (input.GetProperty("name").ToString(), input.GetProperty("datatype").ToString());
        var shape = input.GetProperty("shape")
            .EnumerateArray()
            .Select((size, axis) => size.GetInt64() is var fixedSize and >= 0 ? fixedSize : axis == 0 ? items : 1).ToList();
        var count = shape.Aggregate(1.0, (product, size) => product * size);
        if (count > MaxElements)
        {
            throw CliException.CreateUsageError(
                $"Input \"{name}\" has {count} elements, too many for a generated request. Pass a request with --data.");
        }

        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteString("datatype"u8, type);
        writer.WriteStartArray("shape"u8);
        shape.ForEach(writer.WriteNumberValue);
        writer.WriteEndArray();
        writer.WriteStartArray("data"u8);
        for (var index = 0; index < (int)count; index++)
            WriteValue(writer, type, name, index);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, string type, string name, int index)
    {
        switch (type)
        {
            case "FP32" or "FP64":
                // Most values are not zero, because some kernels are faster on zeros. The prime 7919 spreads the values over 0 to 1.
                writer.WriteNumberValue(index % 1000 * 7919 % 1000 / 1000.0);
                break;
            case "BOOL":
                writer.WriteBooleanValue(false);
                break;
            case "BYTES":
                writer.WriteStringValue("");
                break;
            case "FP16" or "BF16":
                throw CliException.CreateUsageError(
                    $"Input \"{name}\" has the datatype {type}, for which the Open Inference Protocol defines no JSON. "
                    + "Pass a request with --data.");
            default:
                writer.WriteNumberValue(0);
                break;
        }
    }
}
