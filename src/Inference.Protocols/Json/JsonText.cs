using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Inference.Protocols.Json;

/// <summary>Helpers shared by the JSON readers and writers.</summary>
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

    /// <summary>Bytes. The longest name of a blob fits, with each of its characters escaped.</summary>
    private const int MaxString = 16 << 10;

    /// <summary>What the readers of System.Text.Json mark their exception with when text to compare has half a surrogate pair.</summary>
    private const string NotTextSource = "System.Text.Json.Rethrowable";

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public delegate T Reader<T, TState>(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, TState state);

    /// <summary>Reads the members of a body into a request.</summary>
    public delegate void RequestReader<TState>(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> body, TState state, PredictionRequest request);

    /// <summary>
    /// This thread's writer, for answers that are written often: until it is asked for again, and with a flush at the end.
    /// </summary>
    public static Utf8JsonWriter WriterTo(IBufferWriter<byte> output)
    {
        if (_writer is { } writer)
            writer.Reset(output);
        else
            _writer = writer = new Utf8JsonWriter(output, WriterOptions);
        return writer;
    }

    /// <summary>Reads a whole body that is one JSON object. NaN and the infinities may stand in it as bare words.</summary>
    /// <param name="read">Called again with a copy of a body that has such words: the request keeps no part of the body.</param>
    public static PredictionRequest ReadRequest<TState>(ReadOnlyMemory<byte> body, TState state, RequestReader<TState> read)
    {
        try
        {
            return ReadObject(body, (state, read), ReadRequest);
        }
        catch (InferenceException e) when (e.InnerException is JsonException)
        {
            // Only a body that is no JSON is searched for them: other bodies, which are nearly all, do not pay for the search.
            PooledBuffer? quoted = null;
            try
            {
                var json = NonFiniteWords.Quote(body, ref quoted);
                if (quoted is null)
                    throw;
                return ReadObject(json, (state, read), ReadRequest);
            }
            catch (InferenceException again) when (quoted is not null && again.InnerException is JsonException malformed)
            {
                throw NotJson(NonFiniteWords.Relocate(ByteOrderMark.Skip(body).Span, malformed));
            }
            finally
            {
                quoted?.Dispose();
            }
        }
    }

    private static PredictionRequest ReadRequest<TState>(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> body, (TState State, RequestReader<TState> Read) call)
    {
        var request = new PredictionRequest();
        try
        {
            call.Read(ref reader, body, call.State, request);
            return request;
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    /// <summary>Reads a whole body that is one JSON object, with malformed JSON reported to the caller.</summary>
    public static T ReadObject<T, TState>(ReadOnlyMemory<byte> body, TState state, Reader<T, TState> read)
    {
        body = ByteOrderMark.Skip(body);
        var reader = new Utf8JsonReader(body.Span, ReaderOptions);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Unexpected(reader.TokenType, "The body", "a JSON object");
            var result = read(ref reader, body.Span, state);
            try
            {
                // Nothing may follow the object.
                reader.Read();
                return result;
            }
            catch
            {
                (result as IDisposable)?.Dispose();
                throw;
            }
        }
        catch (JsonException) when (body.Span.TrimStart(" \t\r\n"u8).IsEmpty)
        {
            throw InferenceException.InvalidRequest("The body is empty; a JSON object is expected.", ErrorReason.InvalidJson);
        }
        catch (JsonException e)
        {
            throw NotJson(Exact(body.Span, e));
        }
        catch (InvalidOperationException e) when (IsNotText(e))
        {
            throw NotText("A name", e);
        }
    }

    /// <summary>The refusal of a body that is not JSON.</summary>
    public static InferenceException NotJson(JsonException e) =>
        new(InferenceError.InvalidRequest, $"The body is not valid JSON: {Describe(e)}", e)
        {
            Reason = ErrorReason.InvalidJson,
        };

    /// <summary>Describes the error for a caller, without the advice for users of the reader.</summary>
    public static string Describe(JsonException e) =>
        Quote.Message(e.Message.Replace(" Change the reader options.", "", StringComparison.Ordinal));

    /// <summary>A reader that goes on behind an array which another reader has not read.</summary>
    /// <param name="start">The state of the reader at the start of the array.</param>
    /// <param name="rest">The text behind the array.</param>
    public static Utf8JsonReader AfterArray(JsonReaderState start, ReadOnlySpan<byte> rest)
    {
        // A reader cannot be told to skip what it has not read, but it can be shown a shorter array.
        var stand = new Utf8JsonReader("]"u8, isFinalBlock: false, start);
        stand.Read();
        return new Utf8JsonReader(rest, isFinalBlock: true, stand.CurrentState);
    }

    /// <summary>
    /// Whether a reader refused to compare a name or string, because it is half a surrogate pair; any other such exception is a bug.
    /// </summary>
    public static bool IsNotText(InvalidOperationException exception) => exception.Source == NotTextSource;

    /// <summary>For what is found without a reader; <see cref="ReadObject"/> has one tell what it is and where.</summary>
    public static JsonException Malformed() => new("it is malformed.");

    /// <summary>Readers that have skipped something count lines and bytes wrongly: read once more, from start to end.</summary>
    private static JsonException Exact(ReadOnlySpan<byte> body, JsonException found)
    {
        var reader = new Utf8JsonReader(body, ReaderOptions);
        try
        {
            while (reader.Read())
            {
            }

            return found;
        }
        catch (JsonException e)
        {
            return e;
        }
    }

    /// <summary>Reads a name or another short string.</summary>
    /// <param name="limit">Bytes in the body. A string takes memory that is not counted.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    public static string ReadString(ref Utf8JsonReader reader, string path, int limit = MaxString)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
            throw Unexpected(reader.TokenType, path, "a string");
        if (reader.ValueSpan.Length > limit)
            throw InferenceException.InvalidRequest($"{path} is longer than {limit} bytes: \"{Quote.Of(reader.ValueSpan)}\".");
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

    /// <summary>Steps to the value of an optional property, as <see cref="ReadOnce"/> does.</summary>
    /// <returns>False for null: many serializers write it for a member that is absent.</returns>
    public static bool TryReadOnce(ref Utf8JsonReader reader, ref bool seen, string path)
    {
        ReadOnce(ref reader, ref seen, path);
        return seen = reader.TokenType != JsonTokenType.Null;
    }

    /// <summary>Reads a whole number, which may be written with a point or an exponent: <c>1.0</c>, <c>1e2</c>.</summary>
    public static bool TryReadInteger(ref Utf8JsonReader reader, out long value)
    {
        value = 0;
        if (reader.TokenType != JsonTokenType.Number)
            return false;
        return reader.TryGetInt64(out value)
            || (JsonNumber.TryScan(reader.ValueSpan, out var number) && IntegerConverter<long>.TryConvert(number, out value));
    }

    public static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string path, string expected)
    {
        if (reader.TokenType != token)
            throw Unexpected(reader.TokenType, path, expected);
    }

    public static InferenceException Unexpected(JsonTokenType token, string path, string expected) =>
        InferenceException.InvalidRequest($"{path} is {Describe(token)}; {expected} is expected.");

    public static InferenceException NotText(string path, Exception inner) =>
        new(InferenceError.InvalidRequest, $"{path} is not valid UTF-8 text: {Quote.Message(inner.Message)}", inner);

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
