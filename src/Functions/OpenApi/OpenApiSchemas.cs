using System.Text.Json;
using Inference.Models;
using Inference.Tensors;

namespace Functions.OpenApi;

/// <summary>Writes the schemas that all models share, and the schemas of each model's predict bodies.</summary>
internal sealed class OpenApiSchemas(Utf8JsonWriter writer)
{
    /// <summary>The maximum number of elements in an example, which shows the format and not a whole image.</summary>
    private const int MaxExampleElements = 64;

    /// <summary>The resources with the schemas that are the same for all models.</summary>
    private static readonly string[] CommonSchemas = ["OpenApi/schemas.json", "OpenApi/open-inference.json", "OpenApi/others.json"];

    /// <summary>Returns the name of the schema of a model's predict request.</summary>
    public static string RequestOf(Model model) => $"{model.Id.Name}.PredictRequest";

    /// <summary>Returns the name of the schema of a model's prediction.</summary>
    public static string PredictionOf(Model model) => $"{model.Id.Name}.Prediction";

    /// <summary>Writes the schemas that all models share.</summary>
    public void WriteCommon()
    {
        foreach (var resource in CommonSchemas)
        {
            using var file = typeof(OpenApiSchemas).Assembly.GetManifestResourceStream(resource)!;
            using var common = JsonDocument.Parse(file);
            foreach (var schema in common.RootElement.EnumerateObject())
                schema.WriteTo(writer);
        }

        foreach (var (name, schema) in TextSchemas.All)
            Raw(name, schema);
    }

    /// <summary>Writes the schemas of a model's predict request and prediction.</summary>
    public void WriteModel(Model model)
    {
        var signature = model.Signature;
        writer.WriteStartObject(RequestOf(model));
        WriteObject(() =>
        {
            if (signature.Inputs is [var only])
                WriteTensors([only with { Name = "features" }], WriteInput);
            WriteInputs(model);
            if (model.Text is not null)
                Raw("text", """{"$ref":"#/components/schemas/Texts"}""");
            Raw("parameters", """{"$ref":"#/components/schemas/Parameters"}""");
        });
        WriteExample(signature);
        writer.WriteEndObject();

        writer.WriteStartObject(PredictionOf(model));
        WriteObject(() =>
        {
            Raw("model", """{"type":"string"}""");
            Raw("version", """{"type":"integer"}""");
            if (model.Task is null)
                WritePredictions(signature);
            else
                Raw("predictions", """{"type":"array","items":{}}""");
            if (!model.Labels.IsEmpty)
                Raw("labels", """{"$ref":"#/components/schemas/Labels"}""");
        });
        writer.WriteEndObject();
    }

    /// <summary>Writes the schema of the inputs. A model with texts accepts texts instead of tensors.</summary>
    private void WriteInputs(Model model)
    {
        writer.WriteStartObject("inputs"u8);
        if (model.Text is null)
        {
            WriteObject(() => WriteTensors(model.Signature.Inputs, WriteInput));
        }
        else
        {
            writer.WriteStartArray("anyOf"u8);
            writer.WriteStartObject();
            WriteObject(() => WriteTensors(model.Signature.Inputs, WriteInput));
            writer.WriteEndObject();
            writer.WriteRawValue("""{"$ref":"#/components/schemas/Texts"}""");
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private void WritePredictions(ModelSignature signature)
    {
        writer.WriteStartObject("predictions"u8);
        writer.WriteString("type"u8, "array"u8);
        writer.WriteStartObject("items"u8);
        if (signature.HasParts)
            WriteValues(signature);
        else if (signature.Outputs is not [var only])
            WriteObject(() => WriteTensors(signature.Outputs, WriteItem));
        else if (only.Shape.Rank > 0)
            WriteItem(only);
        else if (!only.AnyShape)
            WriteNested(only.Type, []);
        writer.WriteEndObject();
        writer.WriteEndObject();

        void WriteItem(TensorSpec spec) => WriteRow(signature, spec);
    }

    private void WriteRow(ModelSignature signature, TensorSpec spec)
    {
        if (!spec.AnyShape)
        {
            WriteNested(spec.Type,
                signature.ItemAxis == ItemAxis.None && signature.Outputs.Length > 1 ? spec.Shape.Dimensions : spec.Shape.Dimensions[1..]);
        }
    }

    /// <summary>Writes the schema for outputs with maps or lists. The values of a map or list represent the whole output.</summary>
    private void WriteValues(ModelSignature signature)
    {
        TensorSpec[] outputs = [.. signature.Outputs.Where(static spec =>
            spec.Part is null or { Kind: OutputPartKind.RowValues or OutputPartKind.Values or OutputPartKind.Elements })];
        if (outputs is not [var only])
            WriteObject(() => WriteTensors(outputs.Select(static spec => spec with { Name = spec.Part?.Output ?? spec.Name }), WriteValue));
        else if (only.Part!.Kind != OutputPartKind.Elements)
            WriteMap(only.Type);

        void WriteValue(TensorSpec spec)
        {
            if (spec.Part is null)
            {
                WriteRow(signature, spec);
                return;
            }

            var isRows = spec.Part.HasItems && signature.ItemAxis == ItemAxis.None;
            if (spec.Part.Kind == OutputPartKind.Elements || isRows)
            {
                writer.WriteString("type"u8, "array"u8);
                if (isRows)
                    writer.WriteStartObject("items"u8);
            }

            if (spec.Part.Kind != OutputPartKind.Elements)
                WriteMap(spec.Type);
            if (isRows)
                writer.WriteEndObject();
        }
    }

    private void WriteMap(ElementType type)
    {
        writer.WriteString("type"u8, "object"u8);
        writer.WriteStartObject("additionalProperties"u8);
        WriteNested(type, []);
        writer.WriteEndObject();
    }

    private void WriteTensors(IEnumerable<TensorSpec> specs, Action<TensorSpec> write)
    {
        foreach (var spec in specs)
        {
            writer.WriteStartObject(spec.Name);
            write(spec);
            writer.WriteEndObject();
        }
    }

    /// <summary>Writes the schema of an input: items, one item, or the flat elements.</summary>
    private void WriteInput(TensorSpec spec)
    {
        if (spec.AnyShape)
        {
            writer.WriteString("description"u8, $"{spec.Type.Name()} of any shape");
            return;
        }

        writer.WriteString("description"u8, $"{spec.Type.Name()} {spec.Shape} (-1: any size)");
        writer.WriteStartArray("anyOf"u8);
        WriteForm(spec.Type, spec.Shape.Dimensions);
        if (spec.Shape.Rank > 0)
            WriteForm(spec.Type, spec.Shape.Dimensions[1..]);
        if (spec.Shape.Rank > 2)
        {
            WriteForm(spec.Type, [Shape.Dynamic]);
            WriteForm(spec.Type, [Shape.Dynamic, Shape.Dynamic]);
        }

        writer.WriteEndArray();
    }

    private void WriteForm(ElementType type, ReadOnlySpan<long> shape)
    {
        writer.WriteStartObject();
        WriteNested(type, shape);
        writer.WriteEndObject();
    }

    private void WriteNested(ElementType type, ReadOnlySpan<long> shape)
    {
        if (shape.IsEmpty)
        {
            writer.WriteString("type"u8, type switch
            {
                ElementType.Bool => "boolean"u8,
                ElementType.Bytes => "string"u8,
                ElementType.Float16 or ElementType.BFloat16 or ElementType.Float32 or ElementType.Float64 => "number"u8,
                _ => "integer"u8,
            });
            return;
        }

        writer.WriteString("type"u8, "array"u8);
        if (shape[0] != Shape.Dynamic)
        {
            writer.WriteNumber("minItems"u8, shape[0]);
            writer.WriteNumber("maxItems"u8, shape[0]);
        }

        writer.WriteStartObject("items"u8);
        WriteNested(type, shape[1..]);
        writer.WriteEndObject();
    }

    private void WriteObject(Action writeProperties)
    {
        writer.WriteString("type"u8, "object"u8);
        writer.WriteStartObject("properties"u8);
        writeProperties();
        writer.WriteEndObject();
    }

    /// <summary>Writes an example with zeros in the smallest shape that the model accepts.</summary>
    private void WriteExample(ModelSignature signature)
    {
        if (signature.Inputs.Any(input => Smallest(input).ElementCount > MaxExampleElements))
            return;
        writer.WriteStartObject("example"u8);
        writer.WriteStartObject("inputs"u8);
        foreach (var input in signature.Inputs)
        {
            writer.WritePropertyName(input.Name);
            WriteZeros(input.Type, Smallest(input).Dimensions);
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static Shape Smallest(TensorSpec spec) =>
        new([.. spec.Shape.Dimensions.ToArray().Select(size => size == Shape.Dynamic ? 1 : size)]);

    private void WriteZeros(ElementType type, ReadOnlySpan<long> shape)
    {
        if (!shape.IsEmpty)
        {
            writer.WriteStartArray();
            for (var i = 0L; i < shape[0]; i++)
                WriteZeros(type, shape[1..]);
            writer.WriteEndArray();
        }
        else if (type == ElementType.Bool)
        {
            writer.WriteBooleanValue(false);
        }
        else if (type == ElementType.Bytes)
        {
            writer.WriteStringValue(""u8);
        }
        else
        {
            writer.WriteNumberValue(0);
        }
    }

    private void Raw(string name, string json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json);
    }
}
