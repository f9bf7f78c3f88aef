using System.Buffers;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Protocols.Json.BareWords;
using Inference.Protocols.OpenInference;
using Inference.Protocols.Predict;
using Inference.Requests;

namespace Inference.Protocols.Predictions;

/// <summary>
/// The format of a JSON body that may be a predict body or an Open Inference body. The response has the same format as the body.
/// </summary>
public sealed class BodyFormat
{
    /// <summary>Null for an Open Inference body.</summary>
    private readonly PredictBody? _predictBody;

    private readonly InferBody _inferBody;

    private BodyFormat(ReadOnlyMemory<byte> body, bool isOpenInference) =>
        (_inferBody, _predictBody) = (new InferBody(body, Memory<byte>.Empty), isOpenInference ? null : new PredictBody(body));

    /// <summary>Whether the body is an Open Inference body; otherwise it is a predict body.</summary>
    public bool IsOpenInference => _predictBody is null;

    /// <summary>Reads the body and creates the request for a model. The caller disposes the request.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body does not fit the model.</exception>
    public PredictionRequest Read(Model model) =>
        _predictBody is { } body ? PredictReader.Read(body, model) : OpenInferenceReader.Read(_inferBody, model.Signature);

    /// <summary>Writes the response in the format of the body.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: JSON cannot represent an output. <see cref="InferenceError.InvalidRequest"/>: the body
    /// requests the classes of an output whose elements are not numbers.
    /// </exception>
    public void Write(IBufferWriter<byte> output, Prediction prediction)
    {
        if (_predictBody is { } body)
        {
            PredictWriter.Write(output, prediction, body.Format);
        }
        else if (_inferBody.Outputs.HasClasses)
        {
            using var classified = Classification.Apply(prediction, _inferBody.Outputs);
            OpenInferenceWriter.WritePrediction(output, classified);
        }
        else
        {
            OpenInferenceWriter.WritePrediction(output, prediction);
        }
    }

    /// <summary>
    /// Detects the format of a body. An array <c>"inputs"</c> at the top level means Open Inference, unless its first element is a string,
    /// which is a text or an image in a predict body. Any other body, even malformed JSON, is a predict body. The search ends at the first
    /// <c>"inputs"</c> or <c>"features"</c> whose value is not null.
    /// </summary>
    public static BodyFormat Detect(ReadOnlyMemory<byte> body) => new(body, HasInputsArray(body.Span));

    private static bool HasInputsArray(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(ByteOrderMark.Skip(body), JsonText.ReaderOptions);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isFeatures = reader.ValueTextEquals("features"u8);
                var isInputs = reader.ValueTextEquals("inputs"u8);
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null)
                    continue;
                if (isFeatures)
                    return false;
                if (isInputs)
                    return reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType != JsonTokenType.String;
                reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException || (e is InvalidOperationException invalid && JsonText.IsNotTextError(invalid)))
        {
            // The reader of predict bodies reports the error and its position.
        }

        return false;
    }

    /// <summary>Checks that the body is one JSON object, which can be embedded into other JSON.</summary>
    /// <param name="copy">Receives the memory of a rewritten body. The caller disposes the memory, even when this method throws.</param>
    /// <returns>The body without a byte order mark and without bare words for NaN and the infinities.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not one JSON object.</exception>
    public static ReadOnlyMemory<byte> Normalize(ReadOnlyMemory<byte> body, ref PooledBuffer? copy)
    {
        body = ByteOrderMark.Skip(body);
        try
        {
            ThrowIfNotObject(body.Span);
        }
        catch (JsonException e)
        {
            var quoted = NonFiniteWords.QuoteBareWords(body, ref copy);
            if (copy is null)
                throw JsonText.CreateNotJsonError(e);
            ThrowIfNotObject(body.Span, quoted.Span);
            return quoted;
        }

        return body;
    }

    private static void ThrowIfNotObject(ReadOnlySpan<byte> body, ReadOnlySpan<byte> quoted)
    {
        try
        {
            BareWordCheck.ThrowIfMisplaced(body, quoted);
            ThrowIfNotObject(quoted);
        }
        catch (JsonException e)
        {
            throw JsonText.CreateNotJsonError(e);
        }
    }

    /// <exception cref="JsonException">The body is not JSON.</exception>
    private static void ThrowIfNotObject(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, JsonText.ReaderOptions);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonText.CreateUnexpectedTokenError(reader.TokenType, "The body", "a JSON object");
        reader.Skip();
        reader.Read();
    }
}
