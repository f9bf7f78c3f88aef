using System.Text.Encodings.Web;
using System.Text.Json;

namespace Inference.Protocols.Json;

/// <summary>What all our JSON readers and writers share.</summary>
internal static class JsonText
{
    /// <summary>Deep enough for any tensor and its envelope, shallow enough for a small stack.</summary>
    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 64 };

    public static readonly JsonWriterOptions WriterOptions = new()
    {
        // Responses are application/json, never HTML: text stays readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public delegate T Reader<T>(ref Utf8JsonReader reader);

    /// <summary>Reads a whole body that is one JSON object, with malformed JSON reported to the caller.</summary>
    public static T ReadObject<T>(ReadOnlyMemory<byte> body, Reader<T> read)
        where T : IDisposable
    {
        var reader = new Utf8JsonReader(body.Span, ReaderOptions);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Unexpected(ref reader, "The body", "a JSON object");
            var result = read(ref reader);
            try
            {
                // Nothing may follow the object.
                reader.Read();
                return result;
            }
            catch
            {
                result.Dispose();
                throw;
            }
        }
        catch (JsonException e)
        {
            throw new InferenceException(InferenceError.InvalidRequest, $"The body is not valid JSON: {e.Message}", e);
        }
    }

    public static string ReadString(ref Utf8JsonReader reader, string path)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
            throw Unexpected(ref reader, path, "a string");
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw NotText(path, e);
        }
    }

    /// <summary>Steps to the value of the property the reader stands on; the first of two of a name would be lost.</summary>
    public static void ReadOnce(ref Utf8JsonReader reader, ref bool seen, string path)
    {
        if (seen)
            throw InferenceException.InvalidRequest($"{path} is given twice.");
        seen = true;
        reader.Read();
    }

    public static InferenceException Unexpected(ref Utf8JsonReader reader, string path, string expected) =>
        InferenceException.InvalidRequest($"{path} is {Describe(reader.TokenType)}; {expected} is expected.");

    public static InferenceException NotText(string path, Exception inner) =>
        new(InferenceError.InvalidRequest, $"{path} is not valid UTF-8 text: {inner.Message}", inner);

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.EndArray or JsonTokenType.EndObject => "missing",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        JsonTokenType.PropertyName => "a property",
        JsonTokenType.Comment or JsonTokenType.None => "nothing",
    };
}
