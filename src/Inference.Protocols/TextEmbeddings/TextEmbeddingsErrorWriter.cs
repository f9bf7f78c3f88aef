using System.Buffers;
using System.Text.Json;
using Inference.Protocols.Json;

namespace Inference.Protocols.TextEmbeddings;

/// <summary>
/// Writes errors in the format of Text Embeddings Inference: <c>{"error","error_type"}</c>, and returns the HTTP statuses of that format.
/// </summary>
public static class TextEmbeddingsErrorWriter
{
    private const int BadRequest = 400, PayloadTooLarge = 413, Unprocessable = 422, FailedDependency = 424, TooMany = 429;
    private const int Unavailable = 503, TimedOut = 504;

    /// <summary>Returns the HTTP status of an error.</summary>
    /// <param name="status">The HTTP status of the error on other routes. This status is the default.</param>
    public static int StatusOf(InferenceException error, int status) => (error.Error, error.Reason) switch
    {
        (InferenceError.InvalidRequest, ErrorReason.EmptyText or ErrorReason.InvalidJson) => BadRequest,
        (InferenceError.InvalidRequest, ErrorReason.TooManyTexts or ErrorReason.RequestTooLarge) => PayloadTooLarge,
        (InferenceError.InvalidRequest, ErrorReason.WrongTask) or (InferenceError.RuntimeFailure, _) => FailedDependency,
        (InferenceError.InvalidRequest, _) => Unprocessable,
        _ => status,
    };

    /// <summary>Writes an error without an <see cref="ErrorReason"/>, such as a missing key.</summary>
    /// <param name="status">The HTTP status of the response.</param>
    public static void Write(IBufferWriter<byte> output, int status, string message) => Write(output, status, message, ErrorReason.None);

    /// <summary>Writes an error. The status and the reason determine its type.</summary>
    /// <param name="status">The HTTP status of the response.</param>
    public static void Write(IBufferWriter<byte> output, int status, string message, ErrorReason reason)
    {
        using var writer = new Utf8JsonWriter(output, JsonText.WriterOptions);
        writer.WriteStartObject();
        writer.WriteString("error"u8, message);
        writer.WriteString("error_type"u8, GetErrorType(status, reason));
        writer.WriteEndObject();
    }

    private static string GetErrorType(int status, ErrorReason reason) => (status, reason) switch
    {
        (_, ErrorReason.EmptyText) => "Empty",
        (_, ErrorReason.InvalidText) => "Tokenizer",
        (FailedDependency or TimedOut or 500, _) => "Backend",
        (TooMany, _) => "Overloaded",
        (Unavailable, _) => "Unhealthy",
        _ => "Validation",
    };
}
