using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Inference.Models.Settings;
using Inference.Protocols.Json.BareWords;
using Inference.Requests;

namespace Inference.Protocols.Json;

/// <summary>Helpers shared by the JSON readers and writers.</summary>
internal static class JsonText
{
    /// <summary>
    /// The options of all readers. The maximum depth is enough for any tensor and the objects around it, and small enough for the stack.
    /// </summary>
    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 64 };

    public static readonly JsonWriterOptions WriterOptions = new()
    {
        // Responses are application/json and never HTML, so text need not be escaped for HTML.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    /// <summary>The maximum size of a string in bytes. The longest blob name fits, even with all of its characters escaped.</summary>
    private const int MaxString = 16 << 10;

    /// <summary>
    /// The <see cref="Exception.Source"/> that System.Text.Json sets when it compares a text that has an unpaired surrogate.
    /// </summary>
    private const string NotTextSource = "System.Text.Json.Rethrowable";

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>Reads the current object of the reader.</summary>
    /// <param name="body">The complete JSON that the reader reads.</param>
    public delegate T Reader<T, TState>(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, TState state);

    /// <summary>Reads the members of a body into a request.</summary>
    public delegate void RequestReader<TState>(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> body, TState state, PredictionRequest request);

    /// <summary>
    /// Returns this thread's writer. The writer is valid until the next call on this thread, and the caller must flush it.
    /// </summary>
    public static Utf8JsonWriter GetWriter(IBufferWriter<byte> output)
    {
        if (_writer is { } writer)
            writer.Reset(output);
        else
            _writer = writer = new Utf8JsonWriter(output, WriterOptions);
        return writer;
    }

    /// <summary>Reads a whole body that is one JSON object. The body may contain NaN and the infinities as bare words.</summary>
    /// <param name="read">
    /// Reads the object. For a body with bare words, this function is called twice, the second time with a temporary copy. So the request
    /// must not reference the text that is read.
    /// </param>
    public static PredictionRequest ReadRequest<TState>(ReadOnlyMemory<byte> body, TState state, RequestReader<TState> read)
    {
        try
        {
            return ReadObject(body, (state, read), ReadRequest);
        }
        catch (InferenceException e) when (e.InnerException is JsonException)
        {
            // Bare words are searched for only in bodies that are not valid JSON, because nearly all bodies have none.
            PooledBuffer? quoted = null;
            try
            {
                var json = NonFiniteWords.QuoteBareWords(body, ref quoted);
                if (quoted is null)
                    throw;
                BareWordCheck.ThrowIfMisplaced(ByteOrderMark.Skip(body).Span, ByteOrderMark.Skip(json).Span);
                return ReadObject(json, (state, read), ReadRequest);
            }
            catch (JsonException misplaced)
            {
                throw CreateNotJsonError(misplaced);
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

    /// <summary>Reads a whole body that is one JSON object. Malformed JSON becomes an error of the request.</summary>
    public static T ReadObject<T, TState>(ReadOnlyMemory<byte> body, TState state, Reader<T, TState> read)
    {
        body = ByteOrderMark.Skip(body);
        var reader = new Utf8JsonReader(body.Span, ReaderOptions);
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw CreateUnexpectedTokenError(reader.TokenType, "The body", "a JSON object");
            var result = read(ref reader, body.Span, state);
            try
            {
                // No text may follow the object.
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
            throw CreateNotJsonError(LocateError(body.Span, e));
        }
        catch (InvalidOperationException e) when (IsNotTextError(e))
        {
            throw CreateNotTextError("A name", e);
        }
    }

    /// <summary>Creates the error for a body that is not JSON.</summary>
    public static InferenceException CreateNotJsonError(JsonException e) =>
        new(InferenceError.InvalidRequest, $"The body is not valid JSON: {Describe(e)}", e)
        {
            Reason = ErrorReason.InvalidJson,
        };

    /// <summary>Describes the error for a caller, without the exception's advice for programmers.</summary>
    public static string Describe(JsonException e) => Quote.ShortenMessage(ProblemText.Describe(e));

    /// <summary>Creates a reader that continues after an array. The array itself was scanned by hand, without a reader.</summary>
    /// <param name="start">The state of the reader at the start of the array.</param>
    /// <param name="rest">The text after the array.</param>
    public static Utf8JsonReader ResumeAfterArray(JsonReaderState start, ReadOnlySpan<byte> rest)
    {
        // A reader cannot skip text that it has not read. Reading an empty array from the same state has the same effect.
        var placeholder = new Utf8JsonReader("]"u8, isFinalBlock: false, start);
        placeholder.Read();
        return new Utf8JsonReader(rest, isFinalBlock: true, placeholder.CurrentState);
    }

    /// <summary>
    /// Whether a reader threw because a name or string has an unpaired surrogate. An exception with any other
    /// <see cref="Exception.Source"/> means a bug.
    /// </summary>
    public static bool IsNotTextError(InvalidOperationException exception) => exception.Source == NotTextSource;

    /// <summary>
    /// Creates the error for malformed JSON that was found without a reader. <see cref="ReadObject"/> replaces this error with a reader's
    /// error, which has the position.
    /// </summary>
    public static JsonException CreateMalformedError() => new("it is malformed.");

    /// <summary>
    /// Reads the body again from the start to find the position of the error. A reader that has skipped a part reports a wrong position.
    /// </summary>
    private static JsonException LocateError(ReadOnlySpan<byte> body, JsonException found)
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
    /// <param name="limit">
    /// The maximum size of the string in the body, in bytes. Strings need this limit, because the limits on memory do not count them.
    /// </param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the value is not such a string.</exception>
    public static string ReadString(ref Utf8JsonReader reader, string path, int limit = MaxString)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
            throw CreateUnexpectedTokenError(reader.TokenType, path, "a string");
        if (reader.ValueSpan.Length > limit)
            throw InferenceException.InvalidRequest($"{path} is longer than {limit} bytes: \"{Quote.Shorten(reader.ValueSpan)}\".");
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw CreateNotTextError(path, e);
        }
    }

    /// <summary>
    /// Moves to the value of the current property. Throws when the property appeared before, because one of the two values would be lost.
    /// </summary>
    /// <param name="isRead">Whether the property appeared before; true after the call.</param>
    public static void ReadOnce(ref Utf8JsonReader reader, ref bool isRead, string path)
    {
        if (isRead)
            throw InferenceException.InvalidRequest($"{path} is given twice.");
        isRead = true;
        reader.Read();
    }

    /// <summary>Moves to the value of an optional property, as <see cref="ReadOnce"/> does.</summary>
    /// <param name="isRead">Whether the property appeared before with a value. After the call, the returned value.</param>
    /// <returns>False for null, which many serializers write for an absent member.</returns>
    public static bool TryReadOnce(ref Utf8JsonReader reader, ref bool isRead, string path)
    {
        ReadOnce(ref reader, ref isRead, path);
        return isRead = reader.TokenType != JsonTokenType.Null;
    }

    /// <summary>Reads a whole number, which may have a point or an exponent: <c>1.0</c>, <c>1e2</c>.</summary>
    public static bool TryReadInteger(ref Utf8JsonReader reader, out long value)
    {
        value = 0;
        if (reader.TokenType != JsonTokenType.Number)
            return false;
        return reader.TryGetInt64(out value)
            || (JsonNumber.TryScan(reader.ValueSpan, out var number) && IntegerConverter<long>.TryConvert(number, out value));
    }

    /// <summary>Throws when the current token is not the expected one.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the token is another one.</exception>
    public static void ThrowIfNot(ref Utf8JsonReader reader, JsonTokenType token, string path, string expected)
    {
        if (reader.TokenType != token)
            throw CreateUnexpectedTokenError(reader.TokenType, path, expected);
    }

    public static InferenceException CreateUnexpectedTokenError(JsonTokenType token, string path, string expected) =>
        InferenceException.InvalidRequest($"{path} is {Describe(token)}; {expected} is expected.");

    public static InferenceException CreateNotTextError(string path, Exception inner) =>
        new(InferenceError.InvalidRequest, $"{path} is not valid UTF-8 text: {Quote.ShortenMessage(inner.Message)}", inner);

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
