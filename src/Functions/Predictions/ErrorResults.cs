using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Functions.Hosting;
using Inference;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Protocols.Embeddings;
using Inference.Protocols.OpenInference;
using Inference.Protocols.Rerank;
using Inference.Protocols.TextEmbeddings;
using Inference.Tensors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Functions.Predictions;

/// <summary>Maps failures to HTTP responses for the whole server.</summary>
internal static class ErrorResults
{
    private static readonly TimeSpan DefaultRetryDelay = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Whether an exception is reported to the caller. Any other exception is a bug, or means that the caller has disconnected.
    /// </summary>
    public static bool IsHandled(Exception exception) =>
        exception is InferenceException or BadHttpRequestException or PredictionStorageException or OutOfMemoryException;

    /// <summary>Creates the response to a failed request, and counts the error.</summary>
    /// <param name="exception">An exception for which <see cref="IsHandled"/> is true.</param>
    public static IResult From(Exception exception, ErrorStyle style)
    {
        if (exception is OutOfMemoryException)
            exception = RequestMemory.CreateExhaustedError(exception);
        var inference = exception as InferenceException;
        var status = exception switch
        {
            InferenceException e => StatusOf(e.Error),
            BadHttpRequestException e => e.StatusCode,
            PredictionStorageException => StatusCodes.Status503ServiceUnavailable,
            _ => throw new ArgumentException("This exception has no response. This is a bug.", nameof(exception), exception),
        };
        if (style == ErrorStyle.TextEmbeddings && inference is not null)
            status = TextEmbeddingsErrorWriter.StatusOf(inference, status);
        int? retryAfter = status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable
            ? Math.Max(1, (int)Math.Ceiling((inference?.RetryAfter ?? DefaultRetryDelay).TotalSeconds))
            : null;
        var code = CodeOf(exception);
        InferenceMetrics.RecordError(code);
        return CreateBody(
            style, status, CallerText.Redact(exception), code, inference?.Reason ?? ErrorReason.None).AsError(code, retryAfter);
    }

    private static string CodeOf(Exception exception) => exception switch
    {
        InferenceException e => ErrorCodes.ForCaller(e),
        PredictionStorageException => ServerErrorCodes.StorageUnavailable,
        RefusedRequestException e => e.Code,
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => ServerErrorCodes.BodyTooLarge,
        // The body was slower than the web server's own minimum rate.
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => ServerErrorCodes.BodyTooSlow,
        _ => ErrorCodes.For(InferenceError.InvalidRequest),
    };

    private static int StatusOf(InferenceError error) => error switch
    {
        InferenceError.InvalidRequest => StatusCodes.Status400BadRequest,
        InferenceError.ModelNotFound => StatusCodes.Status404NotFound,
        InferenceError.ModelUnavailable => StatusCodes.Status503ServiceUnavailable,
        InferenceError.Overloaded => StatusCodes.Status429TooManyRequests,
        InferenceError.DeadlineExceeded => StatusCodes.Status504GatewayTimeout,
        // The model ran and rejected these inputs, such as an index outside its table or shapes that its nodes cannot combine.
        InferenceError.RuntimeFailure => StatusCodes.Status400BadRequest,
    };

    private static BodyResult CreateBody(ErrorStyle style, int status, string message, string code, ErrorReason reason) => style switch
    {
        ErrorStyle.Message => BodyResult.CreateUncompressed(buffer => OpenInferenceWriter.WriteError(buffer, message), status),
        ErrorStyle.OpenAi => BodyResult.Create(buffer => EmbeddingWriter.WriteError(buffer, status, message), status),
        ErrorStyle.Rerank => BodyResult.Create(buffer => RerankCall.WriteError(buffer, message), status),
        ErrorStyle.TextEmbeddings => BodyResult.Create(buffer => TextEmbeddingsErrorWriter.Write(buffer, status, message, reason), status),
        ErrorStyle.Problem => BodyResult.Create(buffer => WriteProblem(buffer, status, message, code), status, "application/problem+json"),
    };

    private static void WriteProblem(IBufferWriter<byte> output, int status, string detail, string code)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        writer.WriteStartObject();
        writer.WriteString("title"u8, ReasonPhrases.GetReasonPhrase(status));
        writer.WriteNumber("status"u8, status);
        writer.WriteString("detail"u8, detail);
        writer.WriteString("code"u8, code);
        writer.WriteEndObject();
    }
}
