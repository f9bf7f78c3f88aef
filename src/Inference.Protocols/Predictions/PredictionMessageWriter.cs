using System.Buffers;
using System.Text.Json;
using Inference.Protocols.Json;

namespace Inference.Protocols.Predictions;

/// <summary>Writes the messages that <see cref="PredictionMessageReader"/> reads.</summary>
public static class PredictionMessageWriter
{
    public static void Write(IBufferWriter<byte> output, PredictionMessage message)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("id"u8, message.Id.Value);
        writer.WriteString("model"u8, message.Model);
        if (message.Version is { } version)
            writer.WriteNumber("version"u8, version);
        if (message.TraceParent is { } traceParent)
            writer.WriteString("traceparent"u8, traceParent);
        if (message.IsJob)
            writer.WriteBoolean("job"u8, true);
        if (message.RequestBlob is { } blob)
            writer.WriteString("requestBlob"u8, blob.ToString());
        if (message.Request is { } request)
        {
            writer.WritePropertyName("request"u8);
            writer.WriteRawValue(request.Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }
}
