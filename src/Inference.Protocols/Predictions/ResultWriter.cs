using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Requests;

namespace Inference.Protocols.Predictions;

/// <summary>
/// Writes the result of a prediction for its blob. If the result fits into a queue message, the result message has the same content.
/// </summary>
public static class ResultWriter
{
    /// <summary>Writes <c>{"id","traceparent"?,"model","version","status":"succeeded","result":{...}}</c>.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: JSON cannot represent an output.</exception>
    public static void WriteSucceeded(
        IBufferWriter<byte> output, PredictionId id, string? traceParent, Prediction prediction,
        Action<IBufferWriter<byte>, Prediction> writeResult)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        WriteStart(writer, id, traceParent, prediction.Model.Id);
        writer.WritePropertyName("result"u8);
        writer.Flush();
        // The callback writes the result as a JSON document of its own, so the writer above is not used again.
        writeResult(output, prediction);
        output.Write("}"u8);
    }

    /// <summary>
    /// Writes <c>{"id","traceparent"?,"model","version","status":"succeeded","resultBlob"}</c>, for a result that is too large for a
    /// message.
    /// </summary>
    public static void WriteReference(IBufferWriter<byte> output, PredictionId id, string? traceParent, ModelId model, string resultBlob)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        WriteStart(writer, id, traceParent, model);
        writer.WriteString("resultBlob"u8, resultBlob);
        writer.WriteEndObject();
    }

    /// <summary>Writes <c>{"id","traceparent"?,"status":"failed","error":{"code","message"}}</c>.</summary>
    public static void WriteFailed(IBufferWriter<byte> output, PredictionId id, string? traceParent, PredictionFailure failure)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        WriteStart(writer, id, traceParent);
        writer.WriteString("status"u8, "failed"u8);
        WriteError(writer, failure);
        writer.WriteEndObject();
    }

    /// <summary>Writes <c>{"id","status":"cancelled"}</c>.</summary>
    public static void WriteCancelled(IBufferWriter<byte> output, PredictionId id)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("id"u8, id.Value);
        writer.WriteString("status"u8, "cancelled"u8);
        writer.WriteEndObject();
    }

    internal static void WriteError(Utf8JsonWriter writer, PredictionFailure failure)
    {
        writer.WriteStartObject("error"u8);
        writer.WriteString("code"u8, failure.Code);
        writer.WriteString("message"u8, failure.Message);
        writer.WriteEndObject();
    }

    private static void WriteStart(Utf8JsonWriter writer, PredictionId id, string? traceParent)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, id.Value);
        if (traceParent is not null)
            writer.WriteString("traceparent"u8, traceParent);
    }

    private static void WriteStart(Utf8JsonWriter writer, PredictionId id, string? traceParent, ModelId model)
    {
        WriteStart(writer, id, traceParent);
        writer.WriteString("model"u8, model.Name.Value);
        writer.WriteNumber("version"u8, model.Version);
        writer.WriteString("status"u8, "succeeded"u8);
    }
}
