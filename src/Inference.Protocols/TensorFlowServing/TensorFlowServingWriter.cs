using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Inference.Catalog;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.TensorFlowServing;

/// <summary>Writes the JSON bodies of TensorFlow Serving's REST API.</summary>
public static class TensorFlowServingWriter
{
    /// <summary>Writes <c>{"predictions":[...]}</c> or <c>{"outputs":...}</c>. A single output is written without its name.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the outputs do not have one row per item.
    /// </exception>
    public static void WritePrediction(IBufferWriter<byte> output, Prediction prediction, TensorFlowResponseLayout layout)
    {
        var writer = JsonText.GetWriter(output);
        writer.WriteStartObject();
        if (layout.HasRows)
        {
            writer.WritePropertyName("predictions"u8);
            WriteRows(writer, prediction);
        }
        else
        {
            writer.WritePropertyName("outputs"u8);
            WriteColumns(writer, prediction);
        }

        writer.WriteEndObject();
        writer.Flush();
    }

    /// <summary>Writes <c>{"model_version_status":[{"version","state","status":{"error_code","error_message"}}]}</c>.</summary>
    /// <param name="writeFirst">Writes the members of another format first, into the same object; null for none.</param>
    public static void WriteStatus(
        IBufferWriter<byte> output, ModelName model, IEnumerable<ModelStatus> statuses, Action<Utf8JsonWriter>? writeFirst = null)
    {
        var isReady = false;
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writeFirst?.Invoke(writer);
        writer.WriteStartArray("model_version_status"u8);
        foreach (var status in statuses)
        {
            isReady |= status.State == ModelState.Ready;
            writer.WriteStartObject();
            writer.WriteString("version"u8, FormatNumber(status.Version.Id.Version));
            writer.WriteString("state"u8, Describe(status.State));
            writer.WriteStartObject("status"u8);
            writer.WriteString("error_code"u8, status.State == ModelState.Failed ? "UNAVAILABLE"u8 : "OK"u8);
            writer.WriteString("error_message"u8, status.State == ModelState.Failed ? status.Reason ?? "" : "");
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        // KServe's first protocol has the same call, and its clients read these members.
        writer.WriteString("name"u8, model.Value);
        writer.WriteBoolean("ready"u8, isReady);
        writer.WriteEndObject();
    }

    /// <summary>Writes the only signature of a model, in the JSON form of <c>GetModelMetadataResponse</c>.</summary>
    public static void WriteMetadata(IBufferWriter<byte> output, Model model)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteStartObject("model_spec"u8);
        writer.WriteString("name"u8, model.Id.Name.Value);
        writer.WriteString("signature_name"u8, ""u8);
        writer.WriteString("version"u8, FormatNumber(model.Id.Version));
        writer.WriteEndObject();
        writer.WriteStartObject("metadata"u8);
        writer.WriteStartObject("signature_def"u8);
        writer.WriteStartObject("signature_def"u8);
        writer.WriteStartObject(TensorFlowServingReader.Signature);
        WriteTensors(writer, "inputs"u8, model.Signature.Inputs);
        WriteTensors(writer, "outputs"u8, model.Signature.Outputs.Select(JoinParts).OfType<TensorSpec>());
        writer.WriteString("method_name"u8, "tensorflow/serving/predict"u8);
        for (var open = 5; open > 0; open--)
            writer.WriteEndObject();
    }

    private static void WriteRows(Utf8JsonWriter writer, Prediction prediction)
    {
        foreach (var output in prediction.Outputs)
        {
            var part = prediction.Model.Signature.FindPart(output.Name);
            if (output.Tensor.Shape.Rank == 0 || part?.HasItems is false)
            {
                throw new InferenceException(
                    InferenceError.RuntimeFailure,
                    $"Output \"{part?.Output ?? output.Name}\" is {(part is null ? "a scalar" : "not a tensor")}, so it cannot be divided into "
                    + "\"predictions\", one for each instance. Send \"inputs\" instead of \"instances\".");
            }
        }

        JsonItemWriter.Write(writer, prediction, JsonDialect.TensorFlow);
    }

    private static void WriteColumns(Utf8JsonWriter writer, Prediction prediction)
    {
        if (prediction.Outputs.Count == 1)
        {
            JsonTensorWriter.WriteNested(writer, prediction.Outputs[0], JsonDialect.TensorFlow);
            return;
        }

        var outputs = JsonOutputWriter.CreateAll(prediction);
        if (outputs is [var single])
        {
            single.WriteWhole(writer, JsonDialect.TensorFlow);
            return;
        }

        writer.WriteStartObject();
        foreach (var output in outputs)
        {
            writer.WritePropertyName(output.Name);
            output.WriteWhole(writer, JsonDialect.TensorFlow);
        }

        writer.WriteEndObject();
    }

    /// <summary>
    /// Returns an output as predict calls write it. A map or a list is one output with the type of its values, and its shape is not known.
    /// Returns null for the keys of a map and the shapes of a list.
    /// </summary>
    private static TensorSpec? JoinParts(TensorSpec output) => output.Part switch
    {
        null => output,
        { Kind: OutputPartKind.RowKeys or OutputPartKind.Keys or OutputPartKind.Shapes } => null,
        { } part => new TensorSpec(part.Output, output.Type, new Shape(), []) { AcceptsAnyShape = true },
    };

    private static void WriteTensors(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IEnumerable<TensorSpec> specs)
    {
        writer.WriteStartObject(name);
        foreach (var spec in specs)
        {
            writer.WriteStartObject(spec.Name);
            writer.WriteString("dtype"u8, GetTypeName(spec.Type));
            writer.WriteStartObject("tensor_shape"u8);
            writer.WriteStartArray("dim"u8);
            foreach (var size in spec.Shape.Dimensions)
            {
                writer.WriteStartObject();
                writer.WriteString("size"u8, FormatNumber(size));
                writer.WriteString("name"u8, ""u8);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteBoolean("unknown_rank"u8, spec.AcceptsAnyShape);
            writer.WriteEndObject();
            writer.WriteString("name"u8, spec.Name);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>
    /// Returns TensorFlow Serving's name of a state. A version that was not yet requested is START. A version that failed or is not served
    /// is END.
    /// </summary>
    private static ReadOnlySpan<byte> Describe(ModelState state) => state switch
    {
        ModelState.Available => "START"u8,
        ModelState.Loading => "LOADING"u8,
        ModelState.Ready => "AVAILABLE"u8,
        ModelState.Unloading => "UNLOADING"u8,
        ModelState.Failed or ModelState.NotServed => "END"u8,
    };

    private static ReadOnlySpan<byte> GetTypeName(ElementType type) => type switch
    {
        ElementType.Bool => "DT_BOOL"u8,
        ElementType.UInt8 => "DT_UINT8"u8,
        ElementType.UInt16 => "DT_UINT16"u8,
        ElementType.UInt32 => "DT_UINT32"u8,
        ElementType.UInt64 => "DT_UINT64"u8,
        ElementType.Int8 => "DT_INT8"u8,
        ElementType.Int16 => "DT_INT16"u8,
        ElementType.Int32 => "DT_INT32"u8,
        ElementType.Int64 => "DT_INT64"u8,
        ElementType.Float16 => "DT_HALF"u8,
        ElementType.BFloat16 => "DT_BFLOAT16"u8,
        ElementType.Float32 => "DT_FLOAT"u8,
        ElementType.Float64 => "DT_DOUBLE"u8,
        ElementType.Bytes => "DT_STRING"u8,
    };

    private static string FormatNumber(long number) => number.ToString(CultureInfo.InvariantCulture);
}
