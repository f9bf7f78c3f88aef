using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Inference.Catalog;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>Writes the JSON bodies of the Open Inference Protocol v2.</summary>
public static class OpenInferenceWriter
{
    /// <summary>The protocol extensions of this server, under Triton's names.</summary>
    public static readonly IReadOnlyList<string> Extensions = ["binary_tensor_data", "classification", "model_configuration",
        "model_repository", "schedule_policy", "statistics"];

    /// <summary>The protocol's name for the platform of the models.</summary>
    public const string Platform = "onnx_onnxv1";

    private static readonly OutputForms AllJson = new();

    /// <summary>Writes the response to an infer call, with tensors flat in row-major order.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: JSON cannot represent an output.</exception>
    public static void WritePrediction(IBufferWriter<byte> output, Prediction prediction) => WritePrediction(output, prediction, AllJson);

    /// <summary>Writes the response to an infer call, with each output in its requested form.</summary>
    /// <param name="forms">
    /// The forms of the outputs. The JSON only declares binary outputs; the caller writes their data after the JSON, in order.
    /// </param>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: JSON cannot represent an output.</exception>
    public static void WritePrediction(IBufferWriter<byte> output, Prediction prediction, OutputForms forms)
    {
        var writer = JsonText.GetWriter(output);
        writer.WriteStartObject();
        writer.WriteString("model_name"u8, prediction.Model.Id.Name.Value);
        writer.WriteString("model_version"u8, FormatVersion(prediction.Model.Id.Version));
        if (prediction.Id is { } id)
            writer.WriteString("id"u8, id);
        if (prediction.Model.Digest is { } digest)
        {
            writer.WriteStartObject("parameters"u8);
            writer.WriteString("model_digest"u8, digest.ToString());
            writer.WriteEndObject();
        }

        writer.WriteStartArray("outputs"u8);
        foreach (var tensor in prediction.Outputs)
            WriteOutput(writer, tensor, forms.IsBinary(tensor.Name));
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
    }

    /// <summary>Writes the response to a model metadata call.</summary>
    /// <param name="model">The loaded version that the response describes.</param>
    /// <param name="versions">The numbers of all versions of the model.</param>
    public static void WriteModelMetadata(IBufferWriter<byte> output, Model model, IEnumerable<long> versions)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("name"u8, model.Id.Name.Value);
        writer.WriteStartArray("versions"u8);
        foreach (var version in versions)
            writer.WriteStringValue(FormatVersion(version));
        writer.WriteEndArray();
        writer.WriteString("platform"u8, Platform);
        SignatureWriter.Write(writer, model.Signature);
        writer.WriteEndObject();
    }

    /// <summary>Writes <c>{"name","version","extensions":[...]}</c>.</summary>
    public static void WriteServerMetadata(IBufferWriter<byte> output, string name, string version)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteString("version"u8, version);
        writer.WriteStartArray("extensions"u8);
        foreach (var extension in Extensions)
            writer.WriteStringValue(extension);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes the response to a repository index call: <c>[{"name","version","state","reason"}]</c>.</summary>
    public static void WriteIndex(IBufferWriter<byte> output, IEnumerable<ModelStatus> statuses)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartArray();
        foreach (var status in statuses)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, status.Version.Id.Name.Value);
            writer.WriteString("version"u8, FormatVersion(status.Version.Id.Version));
            writer.WriteString("state"u8, Describe(status.State));
            writer.WriteString("reason"u8, status.Reason ?? "");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>
    /// Returns the name of a state in the model repository extension. A version that was not yet requested is unavailable without a reason.
    /// </summary>
    public static string Describe(ModelState state) => state switch
    {
        ModelState.Ready => "READY",
        ModelState.Loading => "LOADING",
        ModelState.Unloading => "UNLOADING",
        ModelState.Available or ModelState.Failed or ModelState.NotServed => "UNAVAILABLE",
    };

    /// <summary>Writes <c>{"name","ready"}</c>.</summary>
    public static void WriteModelReady(IBufferWriter<byte> output, ModelName name, bool isReady)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("name"u8, name.Value);
        writer.WriteBoolean("ready"u8, isReady);
        writer.WriteEndObject();
    }

    /// <summary>Writes <c>{"live","ready"?,"reason"?}</c>.</summary>
    public static void WriteServerState(IBufferWriter<byte> output, bool isLive, bool? isReady, string? reason)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteBoolean("live"u8, isLive);
        if (isReady is { } value)
            writer.WriteBoolean("ready"u8, value);
        if (reason is not null)
            writer.WriteString("reason"u8, reason);
        writer.WriteEndObject();
    }

    /// <summary>Writes <c>{"error"}</c>.</summary>
    public static void WriteError(IBufferWriter<byte> output, string message)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("error"u8, message);
        writer.WriteEndObject();
    }

    private static void WriteOutput(Utf8JsonWriter writer, NamedTensor output, bool isBinary)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, output.Name);
        writer.WriteString("datatype"u8, output.Tensor.Type.Name());
        SignatureWriter.WriteShape(writer, output.Tensor.Shape);
        if (isBinary)
        {
            writer.WriteStartObject("parameters"u8);
            writer.WriteNumber("binary_data_size"u8, output.Tensor.Data.Length);
            writer.WriteEndObject();
        }
        else
        {
            writer.WritePropertyName("data"u8);
            JsonTensorWriter.WriteFlat(writer, output);
        }

        writer.WriteEndObject();
    }

    private static string FormatVersion(long version) => version.ToString(CultureInfo.InvariantCulture);
}
