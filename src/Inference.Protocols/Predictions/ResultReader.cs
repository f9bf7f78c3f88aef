using System.Text.Json;
using Inference.Models;
using Inference.Models.Settings;

namespace Inference.Protocols.Predictions;

/// <summary>Reads the results that <see cref="ResultWriter"/> writes.</summary>
public static class ResultReader
{
    /// <summary>Reads the start of a result blob.</summary>
    /// <param name="head">The result blob, or at least its first 8 KiB. The fields before the response always fit into 8 KiB.</param>
    /// <exception cref="InvalidDataException">The blob is not a result.</exception>
    public static StoredResult Read(ReadOnlySpan<byte> head)
    {
        try
        {
            return ReadObject(head) ?? throw new InvalidDataException(
                "A result blob has no valid \"status\", or lacks the members that the status requires.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"A result blob is not valid JSON: {ProblemText.Describe(e)}", e);
        }
    }

    private static StoredResult? ReadObject(ReadOnlySpan<byte> head)
    {
        // The head is not the final block, because the rest of a large result is missing.
        var reader = new Utf8JsonReader(head, isFinalBlock: false, new JsonReaderState());
        string? status = null, model = null, traceParent = null;
        var version = 0L;
        PredictionFailure? failure = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("result"u8))
                return CreateResult(status, model, version, failure, (int)reader.BytesConsumed, traceParent);
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "status":
                    status = reader.GetString();
                    break;
                case "model":
                    model = reader.GetString();
                    break;
                case "traceparent":
                    traceParent = reader.GetString();
                    break;
                case "version":
                    version = reader.GetInt64();
                    break;
                case "error":
                    failure = ReadFailure(ref reader);
                    break;
                default:
                    // Skip throws on a reader without the final block. TrySkip suffices, because these values are short.
                    reader.TrySkip();
                    break;
            }
        }

        return CreateResult(status, model, version, failure, bodyStart: 0, traceParent);
    }

    private static StoredResult? CreateResult(string? status, string? model, long version, PredictionFailure? failure, int bodyStart,
        string? traceParent) => status switch
        {
            "succeeded" when ModelName.TryParse(model, out var name) && bodyStart > 0 =>
                new(PredictionStatus.Succeeded, new ModelId(name, version), Failure: null, bodyStart, traceParent),
            "failed" when failure is not null => new(PredictionStatus.Failed, Model: null, failure, BodyStart: 0, traceParent),
            "cancelled" => new(PredictionStatus.Cancelled, Model: null, Failure: null, BodyStart: 0, traceParent),
            _ => null,
        };

    private static PredictionFailure ReadFailure(ref Utf8JsonReader reader)
    {
        var (code, message) = ("", "");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCode = reader.ValueTextEquals("code"u8);
            reader.Read();
            if (isCode)
                code = reader.GetString()!;
            else
                message = reader.GetString()!;
        }

        return new PredictionFailure(code, message);
    }
}
