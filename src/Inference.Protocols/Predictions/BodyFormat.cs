using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Protocols.OpenInference;
using Inference.Protocols.Predict;
using Inference.Serving;

namespace Inference.Protocols.Predictions;

/// <summary>Which of the two JSON bodies a request is, where no route says it; the answer has the same form.</summary>
public sealed class BodyFormat
{
    public static readonly BodyFormat Predict = new(PredictReader.Read, PredictWriter.Write);

    public static readonly BodyFormat OpenInference = new(static (body, _) => OpenInferenceReader.Read(body), OpenInferenceWriter.WritePrediction);

    private BodyFormat(Func<ReadOnlyMemory<byte>, ModelSignature, PredictionRequest> read, Action<IBufferWriter<byte>, Prediction> write) =>
        (Read, Write) = (read, write);

    public Func<ReadOnlyMemory<byte>, ModelSignature, PredictionRequest> Read { get; }

    public Action<IBufferWriter<byte>, Prediction> Write { get; }

    /// <summary>
    /// An array <c>"inputs"</c> at the top makes it Open Inference; anything else, also what is no JSON, is left to the reader of
    /// predict bodies. Nothing behind the first telling name is looked at.
    /// </summary>
    public static BodyFormat Of(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, JsonText.ReaderOptions);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("features"u8))
                    return Predict;
                var isInputs = reader.ValueTextEquals("inputs"u8);
                reader.Read();
                if (isInputs && reader.TokenType == JsonTokenType.StartArray)
                    return OpenInference;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Its reader says what is wrong with it, and where.
        }

        return Predict;
    }

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not one JSON object.</exception>
    public static void CheckIsObject(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, JsonText.ReaderOptions);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw JsonText.Unexpected(reader.TokenType, "The body", "a JSON object");
            reader.Skip();
            reader.Read();
        }
        catch (JsonException e)
        {
            throw new InferenceException(InferenceError.InvalidRequest, $"The body is not valid JSON: {e.Message}", e);
        }
    }
}
