using System.Text.Json;
using Inference.Models;
using Inference.Tensors;

namespace Functions.OpenApi;

/// <summary>Writes the schemas that all models share, and the schemas of each model's predict bodies.</summary>
internal sealed class OpenApiSchemas(Utf8JsonWriter writer)
{
    private const string ImagesSchema = "Images";

    /// <summary>The resources with the schemas that are the same for all models.</summary>
    private static readonly string[] CommonResources =
        ["OpenApi/schemas.json", "OpenApi/tasks.json", "OpenApi/open-inference.json", "OpenApi/others.json"];

    /// <summary>Returns the name of the schema of a model's predict request.</summary>
    public static string GetRequestName(Model model) => $"{model.Id.Name}.PredictRequest";

    /// <summary>Returns the name of the schema of a model's predict response, whose form depends on the model's task.</summary>
    public static string GetResponseName(Model model) => $"{model.Id.Name}.{(TaskSchemas.ForModel(model) is null ? "Prediction" : "PredictResponse")}";

    /// <summary>Writes the schemas that all models share.</summary>
    public void WriteCommon()
    {
        foreach (var resource in CommonResources)
        {
            using var file = typeof(OpenApiSchemas).Assembly.GetManifestResourceStream(resource)!;
            using var common = JsonDocument.Parse(file);
            foreach (var schema in common.RootElement.EnumerateObject())
                schema.WriteTo(writer);
        }

        foreach (var (name, schema) in TextSchemas.All.Concat(ParameterSchemas.All))
            WriteRaw(name, schema);
    }

    /// <summary>Writes the schemas of a model's predict request and response.</summary>
    public void WriteModel(Model model)
    {
        var signature = model.Signature;
        writer.WriteStartObject(GetRequestName(model));
        WriteObject(() =>
        {
            if (signature.Inputs is [var input])
                WriteTensors([input with { Name = "features" }], spec => WriteInput(spec, model));
            WriteInputs(model);
            if (model.Text is not null)
                WriteRaw("text", """{"$ref":"#/components/schemas/Texts"}""");
            WriteRaw("parameters", $$"""{"$ref":"#/components/schemas/{{ParameterSchemas.NameFor(model)}}"}""");
        });
        if (RequestExamples.CreatePredictBody(model) is { } example)
        {
            writer.WritePropertyName("example"u8);
            example.WriteTo(writer);
        }

        writer.WriteEndObject();
        WriteResponse(model);
    }

    /// <summary>
    /// Writes the schema of a prediction. For a model with a task, also writes the schema of the response: a prediction, or the form of
    /// Hugging Face's inference.
    /// </summary>
    private void WriteResponse(Model model)
    {
        var (signature, task, prediction) = (model.Signature, TaskSchemas.ForModel(model), $"{model.Id.Name}.Prediction");
        if (task is not null)
        {
            writer.WriteStartObject(GetResponseName(model));
            writer.WriteStartArray("anyOf"u8);
            WriteReference(prediction);
            WriteReference(task.Response);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteStartObject(prediction);
        WriteObject(() =>
        {
            WriteRaw("model", """{"type":"string"}""");
            WriteRaw("version", """{"type":"integer"}""");
            if (model.Digest is not null)
                WriteRaw("model_digest", """{"type":"string"}""");
            WritePredictions(signature, task?.Item);
            if (!model.Labels.IsEmpty)
                WriteRaw("labels", """{"$ref":"#/components/schemas/Labels"}""");
        });
        writer.WriteEndObject();
    }

    /// <summary>Writes the schema of the inputs. A model with a task accepts tensors, and also texts or images.</summary>
    private void WriteInputs(Model model)
    {
        writer.WriteStartObject("inputs"u8);
        if (TaskSchemas.ForModel(model) is null)
        {
            WriteTensorInputs();
        }
        else
        {
            writer.WriteStartArray("anyOf"u8);
            writer.WriteStartObject();
            WriteTensorInputs();
            writer.WriteEndObject();
            WriteReference(model.Text is null ? ImagesSchema : "Texts");
            writer.WriteEndArray();
        }

        writer.WriteEndObject();

        void WriteTensorInputs() =>
            WriteObject(() => WriteTensors(model.Signature.Inputs, spec => WriteInput(spec, model)));
    }

    /// <param name="item">
    /// The name of the schema of a task's result for one text. A prediction has either such results or the model's own outputs. Null if the
    /// model has no task with such results.
    /// </param>
    private void WritePredictions(ModelSignature signature, string? item)
    {
        writer.WriteStartObject("predictions"u8);
        writer.WriteString("type"u8, "array"u8);
        writer.WriteStartObject("items"u8);
        if (item is not null)
        {
            writer.WriteStartArray("anyOf"u8);
            WriteReference(item);
            writer.WriteStartObject();
        }

        if (signature.HasParts)
            WriteMapsAndLists(signature);
        else if (signature.Outputs is not [var output])
            WriteObject(() => WriteTensors(signature.Outputs, WriteItem));
        else if (output.Shape.Rank > 0)
            WriteItem(output);
        else if (!output.AcceptsAnyShape)
            WriteNested(output.Type, []);
        if (item is not null)
        {
            writer.WriteEndObject();
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();

        void WriteItem(TensorSpec spec) => WriteOutputValue(signature, spec);
    }

    /// <summary>Writes the schema of an output's value in one prediction.</summary>
    private void WriteOutputValue(ModelSignature signature, TensorSpec spec)
    {
        if (!spec.AcceptsAnyShape)
        {
            WriteNested(spec.Type,
                signature.ItemAxis == ItemAxis.None && signature.Outputs.Length > 1 ? spec.Shape.Dimensions : spec.Shape.Dimensions[1..]);
        }
    }

    /// <summary>
    /// Writes the schema for outputs that are maps or lists. Such an output consists of several tensors, such as keys and values. Only the
    /// values get a schema, under the name of the output.
    /// </summary>
    private void WriteMapsAndLists(ModelSignature signature)
    {
        TensorSpec[] outputs = [.. signature.Outputs.Where(static spec =>
            spec.Part is null or { Kind: OutputPartKind.RowValues or OutputPartKind.Values or OutputPartKind.Elements })];
        if (outputs is not [var output])
            WriteObject(() => WriteTensors(outputs.Select(static spec => spec with { Name = spec.Part?.Output ?? spec.Name }), WriteValue));
        else if (output.Part!.Kind != OutputPartKind.Elements)
            WriteMap(output.Type);

        void WriteValue(TensorSpec spec)
        {
            if (spec.Part is null)
            {
                WriteOutputValue(signature, spec);
                return;
            }

            var isArray = spec.Part.Kind == OutputPartKind.Elements || (spec.Part.HasItems && signature.ItemAxis == ItemAxis.None);
            if (isArray)
            {
                writer.WriteString("type"u8, "array"u8);
                writer.WriteStartObject("items"u8);
            }

            if (spec.Part.Kind != OutputPartKind.Elements)
                WriteMap(spec.Type);
            if (isArray)
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

    /// <summary>Writes the schema of an input, with all forms that the input accepts: items, one item, flat elements, or images.</summary>
    private void WriteInput(TensorSpec spec, Model model)
    {
        if (spec.AcceptsAnyShape)
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

        if (model.Image is not null)
            WriteReference(ImagesSchema);
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

    private void WriteReference(string schema)
    {
        writer.WriteStartObject();
        writer.WriteString("$ref"u8, $"#/components/schemas/{schema}");
        writer.WriteEndObject();
    }

    private void WriteRaw(string name, string json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json);
    }
}
