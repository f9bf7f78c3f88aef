using System.Text.Json;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>Writes a model's inputs and outputs as the Open Inference Protocol describes tensors.</summary>
internal static class SignatureWriter
{
    /// <param name="tellsAny">Whether tensors of any shape have a member that says so, which the protocol has not.</param>
    public static void Write(Utf8JsonWriter writer, ModelSignature signature, bool tellsAny = false)
    {
        Write(writer, "inputs"u8, signature.Inputs, tellsAny);
        Write(writer, "outputs"u8, signature.Outputs, tellsAny);
    }

    public static void WriteShape(Utf8JsonWriter writer, Shape shape)
    {
        writer.WriteStartArray("shape"u8);
        foreach (var dimension in shape.Dimensions)
            writer.WriteNumberValue(dimension);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<TensorSpec> specs, bool tellsAny)
    {
        writer.WriteStartArray(name);
        foreach (var spec in specs)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, spec.Name);
            writer.WriteString("datatype"u8, spec.Type.Name());
            WriteShape(writer, spec.ShapeForProtocols);
            if (spec.AnyShape && tellsAny)
                writer.WriteBoolean("anyShape"u8, true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
