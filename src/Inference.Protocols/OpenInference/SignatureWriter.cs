using System.Text.Json;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>Writes a model's inputs and outputs as the Open Inference Protocol describes tensors.</summary>
internal static class SignatureWriter
{
    public static void Write(Utf8JsonWriter writer, ModelSignature signature)
    {
        Write(writer, "inputs"u8, signature.Inputs);
        Write(writer, "outputs"u8, signature.Outputs);
    }

    public static void WriteShape(Utf8JsonWriter writer, Shape shape)
    {
        writer.WriteStartArray("shape"u8);
        foreach (var dimension in shape.Dimensions)
            writer.WriteNumberValue(dimension);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<TensorSpec> specs)
    {
        writer.WriteStartArray(name);
        foreach (var spec in specs)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, spec.Name);
            writer.WriteString("datatype"u8, spec.Type.Name());
            WriteShape(writer, spec.Shape);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
