using System.Diagnostics;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Protocols.Json.BareWords;

namespace Inference.Protocols.Predictions;

/// <summary>
/// Reads <c>{"id","model","version"?,"traceparent"?,"request":{...}}</c>, or <c>"requestBlob":"container/name"</c> in place of the request.
/// The request stays a slice of the message. The reader of its format parses this slice later.
/// </summary>
public static class PredictionMessageReader
{
    private const string Form =
        """{"id","model","version"?,"traceparent"?,"request":{...}} or "requestBlob":"<container>/<name>" instead of "request" """;

    /// <summary>Reads a message in JSON, which may be encoded as base64.</summary>
    /// <exception cref="InvalidMessageException">The message has neither encoding, or a field is missing or invalid.</exception>
    public static PredictionMessage Read(ReadOnlyMemory<byte> message)
    {
        var fields = new Fields();
        try
        {
            ReadLeniently(MessageEncoding.Decode(message), ref fields);
        }
        catch (Exception e) when (e is JsonException or InferenceException)
        {
            // The fields read before the error may contain the id.
            throw new InvalidMessageException(fields.UsableId,
                e is JsonException json ? $"The message is not valid JSON, nor JSON in base64: {JsonText.Describe(json)}" : e.Message, e);
        }

        return fields.ToMessage();
    }

    /// <summary>
    /// Reads a message whose request may contain NaN and the infinities as bare words. The first attempt fails at a bare word. A second
    /// attempt reads a rewritten copy.
    /// </summary>
    private static void ReadLeniently(ReadOnlyMemory<byte> message, ref Fields fields)
    {
        try
        {
            Read(message, fields);
        }
        catch (JsonException)
        {
            PooledBuffer? quoted = null;
            try
            {
                var json = NonFiniteWords.QuoteBareWords(message, ref quoted);
                if (quoted is null)
                    throw;
                BareWordCheck.ThrowIfMisplaced(message.Span, json.Span);
                // The request outlives the pooled buffer, so the message is copied to an array. The array is short, like every message.
                fields = new Fields();
                Read(json.ToArray(), fields);
            }
            finally
            {
                quoted?.Dispose();
            }
        }
    }

    private static void Read(ReadOnlyMemory<byte> message, Fields fields)
    {
        var reader = new Utf8JsonReader(message.Span, JsonText.ReaderOptions);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonText.CreateUnexpectedTokenError(reader.TokenType, "The message", "a JSON object");
        var readNames = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.ReadString(ref reader, "A name");
            var isRepeated = !readNames.Add(name);
            JsonText.ReadOnce(ref reader, ref isRepeated, Quote.Shorten(name));
            // Null counts as an absent member, but its name is still checked.
            if (reader.TokenType != JsonTokenType.Null || !Fields.Names.Contains(name))
                ReadField(ref reader, name, message, fields);
        }

        // No text may follow the object.
        reader.Read();
    }

    private static void ReadField(ref Utf8JsonReader reader, string name, ReadOnlyMemory<byte> message, Fields fields)
    {
        switch (name)
        {
            case "id":
                fields.Id = JsonText.ReadString(ref reader, name);
                break;
            case "model":
                fields.Model = JsonText.ReadString(ref reader, name);
                break;
            case "version":
                fields.Version = ReadVersion(ref reader);
                break;
            case "request":
                fields.Request = ReadSlice(ref reader, message);
                break;
            case "requestBlob":
                fields.RequestBlob = JsonText.ReadString(ref reader, name);
                break;
            case "traceparent":
                // An invalid value does not prevent the prediction: a new trace begins, as the W3C specification requires.
                fields.TraceParent = JsonText.ReadString(ref reader, name) is var trace && ActivityContext.TryParse(trace, null, out _)
                    ? trace
                    : null;
                break;
            case "job":
                fields.IsJob = JsonMembers.ReadBoolean(ref reader, name);
                break;
            default:
                throw InferenceException.InvalidRequest($"\"{Quote.Shorten(name)}\" is unknown; a message is {Form}.");
        }
    }

    private static long ReadVersion(ref Utf8JsonReader reader) => JsonText.TryReadInteger(ref reader, out var version) && version > 0
        ? version
        : throw InferenceException.InvalidRequest("version is not a whole number from 1.");

    private static ReadOnlyMemory<byte> ReadSlice(ref Utf8JsonReader reader, ReadOnlyMemory<byte> message)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonText.CreateUnexpectedTokenError(reader.TokenType, "request", "a JSON object");
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return message[start..(int)reader.BytesConsumed];
    }

    private sealed class Fields
    {
        public static readonly string[] Names = ["id", "model", "version", "request", "requestBlob", "traceparent", "job"];

        public string? Id { get; set; }

        public string? Model { get; set; }

        public long? Version { get; set; }

        public ReadOnlyMemory<byte>? Request { get; set; }

        public string? RequestBlob { get; set; }

        public bool IsJob { get; set; }

        public string? TraceParent { get; set; }

        public PredictionId? UsableId => PredictionId.TryParse(Id, out var id) ? id : null;

        public PredictionMessage ToMessage()
        {
            var id = UsableId
                ?? throw CreateError(
                    Id is null ? $"\"id\" is missing; a message is {Form}." : $"\"id\" is not valid: an id is {PredictionId.Rule}.");
            var model = Model ?? throw CreateError($"\"model\" is missing; a message is {Form}.");
            if (Request is null == RequestBlob is null)
                throw CreateError($"Exactly one of \"request\" and \"requestBlob\" is needed; a message is {Form}.");
            BlobReference? blob = null;
            if (RequestBlob is { } text && !BlobReference.TryParse(text, out blob))
            {
                throw CreateError(
                    $"\"requestBlob\" is \"{Quote.Shorten(text)}\"; expected the <container>/<name> of a blob. The containers of the "
                    + "Functions host (azure-webjobs-...) are refused.");
            }

            return new PredictionMessage(id, model, Version, Request, blob, IsJob, TraceParent);
        }

        private InvalidMessageException CreateError(string message) => new(UsableId, message);
    }
}
