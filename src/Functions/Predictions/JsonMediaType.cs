using Functions.Hosting;
using Inference;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Functions.Predictions;

/// <summary>
/// Decides which Content-Types are JSON. According to RFC 9110, section 8.3, the case of media types, parameters and charsets does not
/// matter, and values may be quoted.
/// </summary>
internal static class JsonMediaType
{
    private const string Json = "application/json";

    /// <summary>The names of UTF-8, and of ASCII, which is a subset of UTF-8.</summary>
    private static readonly string[] Charsets = ["utf-8", "utf8", "us-ascii", "ascii"];

    /// <summary>
    /// The types that clients send for a text when the caller names no type. <c>curl -d</c> sends the first type, and <c>fetch</c> the
    /// second.
    /// </summary>
    private static readonly string[] UntypedTexts = ["application/x-www-form-urlencoded", "text/plain"];

    /// <summary>
    /// Throws when a request declares its body to be something other than JSON in UTF-8. A body without a type is read as JSON. The types
    /// that a web page can send to another site without a CORS preflight are refused. A form on another site therefore cannot change the
    /// state of this server.
    /// </summary>
    /// <exception cref="BadHttpRequestException">Status 415; the message shows the header to send.</exception>
    public static void ThrowIfNotJson(HttpRequest request) => ThrowIfNotJson(request, acceptsText: false);

    /// <summary>
    /// Throws as <see cref="ThrowIfNotJson(HttpRequest)"/> does, but also accepts <see cref="UntypedTexts"/>. Use this for calls that only
    /// compute: other servers ignore the type of such calls, so callers often do not set it.
    /// </summary>
    /// <exception cref="BadHttpRequestException">Status 415; the message shows the header to send.</exception>
    public static void ThrowIfNeitherJsonNorText(HttpRequest request) => ThrowIfNotJson(request, acceptsText: true);

    private static void ThrowIfNotJson(HttpRequest request, bool acceptsText)
    {
        if (request.ContentType is not { } text || text.Equals(Json, StringComparison.OrdinalIgnoreCase) || string.IsNullOrWhiteSpace(text))
            return;
        if (!MediaTypeHeaderValue.TryParse(text, out var type) || !(IsJson(type) || (acceptsText && IsUntyped(type))))
        {
            throw CreateUnsupportedError(
                $"Content-Type {Quote.Shorten(text)} is not supported. "
                + $"Send JSON with the header Content-Type: {Json} (curl -H 'Content-Type: {Json}').");
        }

        var charset = HeaderUtilities.RemoveQuotes(type.Charset);
        if (charset.Length > 0 && !Charsets.Contains(charset.ToString(), StringComparer.OrdinalIgnoreCase))
        {
            throw CreateUnsupportedError(
                $"The charset {Quote.Shorten(charset.ToString())} is not supported: send JSON in UTF-8, with the header Content-Type: {Json}.");
        }
    }

    private static bool IsJson(MediaTypeHeaderValue type) =>
        (type.Type.Equals("application", StringComparison.OrdinalIgnoreCase)
            && (type.SubType.Equals("json", StringComparison.OrdinalIgnoreCase)
                || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase)))
        || type.MediaType.Equals("text/json", StringComparison.OrdinalIgnoreCase);

    private static bool IsUntyped(MediaTypeHeaderValue type) =>
        UntypedTexts.Contains(type.MediaType.ToString(), StringComparer.OrdinalIgnoreCase);

    /// <summary>Creates the refusal of a media type.</summary>
    public static RefusedRequestException CreateUnsupportedError(string message) =>
        new(message, StatusCodes.Status415UnsupportedMediaType, ServerErrorCodes.UnsupportedMediaType);
}
