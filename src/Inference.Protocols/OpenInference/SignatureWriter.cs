using System.Text.Json;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>Writes a model's inputs and outputs as the Open Inference Protocol describes tensors.</summary>
internal static class SignatureWriter
{
    /// <param name="includeExtensions">
    /// Whether to write the members <c>anyShape</c>, <c>partOf</c> and <c>part</c>, which the protocol does not define.
    /// </param>
    public static void Write(Utf8JsonWriter writer, ModelSignature signature, bool includeExtensions = false)
    {
        Write(writer, "inputs"u8, signature.Inputs, includeExtensions);
        Write(writer, "outputs"u8, signature.Outputs, includeExtensions);
    }

    public static void WriteShape(Utf8JsonWriter writer, Shape shape)
    {
        writer.WriteStartArray("shape"u8);
        foreach (var dimension in shape.Dimensions)
            writer.WriteNumberValue(dimension);
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<TensorSpec> specs, bool includeExtensions)
    {
        writer.WriteStartArray(name);
        foreach (var spec in specs)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, spec.Name);
            writer.WriteString("datatype"u8, spec.Type.Name());
            WriteShape(writer, spec.ShapeForProtocols);
            if (spec.AcceptsAnyShape && includeExtensions)
                writer.WriteBoolean("anyShape"u8, true);
            if (spec.Part is { } part && includeExtensions)
                WritePart(writer, part);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>
    /// Writes the output that the tensor is a part of, and the kind of the part, such as <c>"partOf":"probabilities","part":"keys of a map
    /// for each item"</c>.
    /// </summary>
    private static void WritePart(Utf8JsonWriter writer, OutputPart part)
    {
        writer.WriteString("partOf"u8, part.Output);
        writer.WriteString("part"u8, part.Kind switch
        {
            OutputPartKind.RowKeys => "keys of a map for each item"u8,
            OutputPartKind.RowValues => "values of a map for each item"u8,
            OutputPartKind.Keys => "keys of a map"u8,
            OutputPartKind.Values => "values of a map"u8,
            OutputPartKind.Shapes => "shapes of a list of tensors"u8,
            OutputPartKind.Elements => "elements of a list of tensors"u8,
        });
    }
}
