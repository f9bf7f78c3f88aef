using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Inference;
using Inference.Images;
using Inference.Models;
using Inference.Protocols;
using Inference.Requests;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Functions.Predictions;

/// <summary>
/// A body that is an image, or a form whose first file is an image. The first bytes of the image, and not its media type, determine its
/// format.
/// </summary>
internal readonly record struct ImageBody(ReadOnlyMemory<byte> File, string MediaType)
{
    /// <summary>The maximum length of a form's boundary in bytes (RFC 2046, section 5.1.1).</summary>
    private const int MaxBoundary = 70;

    private const string FormType = "multipart/form-data";
    private const string ImageTypePrefix = "image/";

    /// <summary>The media types of files whose type the client does not know. Amazon S3 and some libraries use the second type.</summary>
    private static readonly string[] UntypedFileTypes = ["application/octet-stream", "binary/octet-stream"];

    /// <summary>The media types of form parts that are files. An entry can be the prefix of several types.</summary>
    private static readonly string[] FileTypes = [ImageTypePrefix, .. UntypedFileTypes];

    /// <summary>The media types of requests with images. An entry can be the prefix of several types.</summary>
    private static readonly string[] RequestTypes = [.. FileTypes, FormType];

    /// <summary>
    /// Whether a body of the request's media type can be an image. To save time, only a header that begins with one of
    /// <see cref="RequestTypes"/> is parsed.
    /// </summary>
    public static bool CanBeImage(HttpRequest request) =>
        request.ContentType is { } header
        && Array.Exists(RequestTypes, type => header.StartsWith(type, StringComparison.OrdinalIgnoreCase))
        && MediaTypeOf(request) is { } type
        && (type.StartsWith(ImageTypePrefix, StringComparison.OrdinalIgnoreCase)
            || UntypedFileTypes.Contains(type, StringComparer.OrdinalIgnoreCase)
            || type.Equals(FormType, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Recognizes an image by its first bytes when the request has no media type. Returns null for any other body or request.
    /// </summary>
    public static ImageBody? FindUntyped(HttpRequest request, ReadOnlyMemory<byte> body) =>
        string.IsNullOrEmpty(request.ContentType) && ImageReader.IsImage(body.Span) ? new ImageBody(body, "image/*") : null;

    /// <summary>Returns the image of a request for which <see cref="CanBeImage"/> is true.</summary>
    /// <exception cref="BadHttpRequestException">Status 400: a form has no file or no valid boundary.</exception>
    public static ImageBody FromRequest(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        var type = MediaTypeOf(request) ?? "";
        return new ImageBody(type.Equals(FormType, StringComparison.OrdinalIgnoreCase) ? FindFile(request, body) : body, type);
    }

    /// <summary>Writes the image as the JSON of a predict call.</summary>
    public void WriteJson(PooledBuffer output)
    {
        output.Write("{\"features\":\""u8);
        var target = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(File.Length));
        Base64.EncodeToUtf8(File.Span, target, out _, out var written);
        output.Advance(written);
        output.Write("\"}"u8);
    }

    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: the body is not an image, or the model does not accept images. If the model does not
    /// accept images and the media type is not an image type, the inner exception has status 415.
    /// </exception>
    public static PredictionRequest Read(ImageBody body, Model model) =>
        model.Image is null && !body.MediaType.StartsWith(ImageTypePrefix, StringComparison.OrdinalIgnoreCase)
            ? throw WrapRefusal(
                JsonMediaType.CreateUnsupportedError(
                    $"Content-Type {Quote.Shorten(body.MediaType)} is not supported: send JSON with Content-Type: application/json."))
            : ImageReader.Read(body.File, model);

    /// <summary>The ways to send images, for the error about another media type.</summary>
    public const string SendingAdvice =
        "Send the file with Content-Type: image/jpeg, image/png or image/webp, in the first file of multipart/form-data, "
        + "or in base64 with Content-Type: application/json.";

    /// <summary>Throws an error for an unsupported media type. The error names the formats that the model accepts.</summary>
    /// <exception cref="InferenceException">Always. The inner exception is the error for the caller.</exception>
    public static PredictionRequest ThrowUnsupported((BadHttpRequestException Refusal, string? MediaType) error, Model model) =>
        throw WrapRefusal(
            model.Image is null
                ? error.Refusal
                : JsonMediaType.CreateUnsupportedError(
                    $"Content-Type {Quote.Shorten(error.MediaType ?? "")} is not supported: model {model.Id.Name} accepts images. "
                    + SendingAdvice));

    /// <summary>
    /// Wraps an HTTP error, because inside a prediction only an <see cref="InferenceException"/> counts as the caller's error.
    /// </summary>
    private static InferenceException WrapRefusal(BadHttpRequestException refusal) =>
        new(InferenceError.InvalidRequest, refusal.Message, refusal);

    private static string? MediaTypeOf(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.MediaType.Value : null;

    /// <summary>
    /// Returns the first part of a form (RFC 7578) that has a file name and content. Without such a part, returns the first part whose
    /// media type is that of an image or a file. An empty file is the last choice, because browsers send an empty file for each field
    /// without a selected file.
    /// </summary>
    private static ReadOnlyMemory<byte> FindFile(HttpRequest request, ReadOnlyMemory<byte> body)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Boundary).Value;
        if (boundary is not { Length: > 0 and <= MaxBoundary })
        {
            throw new BadHttpRequestException(
                $"The boundary of {FormType} is missing or longer than {MaxBoundary} characters. Let your HTTP client set the header "
                + "Content-Type.");
        }

        var delimiter = Encoding.Latin1.GetBytes($"\r\n--{boundary}");
        var rest = body;
        // The first delimiter may be at the start of the body.
        if (rest.Span.StartsWith(delimiter.AsSpan(2)))
            rest = rest[(delimiter.Length - 2)..];
        else if (!TrySplit(ref rest, delimiter, out _))
            rest = default;
        ReadOnlyMemory<byte>? image = null, empty = null;
        while (TrySplit(ref rest, delimiter, out var part) && TrySplit(ref part, "\r\n\r\n"u8, out var head))
        {
            var headers = Encoding.UTF8.GetString(head.Span);
            var isFile = headers.Contains("filename", StringComparison.OrdinalIgnoreCase);
            if (isFile && !part.IsEmpty)
                return part;
            if (isFile)
                empty = part;
            else if (Array.Exists(FileTypes, type => headers.Contains(type, StringComparison.OrdinalIgnoreCase)))
                image ??= part;
        }

        return image ?? empty
            ?? throw new BadHttpRequestException(
                $"The form has no file, or it ends early. Send the image as a file: curl -F file=@photo.jpg.");
    }

    /// <summary>Splits at the first delimiter, and removes the delimiter. Returns false when there is no delimiter.</summary>
    private static bool TrySplit(ref ReadOnlyMemory<byte> rest, ReadOnlySpan<byte> delimiter, out ReadOnlyMemory<byte> before)
    {
        before = default;
        if (rest.Span.IndexOf(delimiter) is not (>= 0 and var position))
            return false;
        (before, rest) = (rest[..position], rest[(position + delimiter.Length)..]);
        return true;
    }
}
