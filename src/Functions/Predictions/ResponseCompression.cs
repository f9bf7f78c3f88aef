using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Functions.Predictions;

/// <summary>
/// Compresses responses for clients that accept compression. For all other clients, the only cost is one look-up of a header.
/// </summary>
internal static class ResponseCompression
{
    /// <summary>
    /// The minimum number of bytes of a response that is compressed. A smaller response fits into one network packet, so compression would
    /// not make it arrive sooner.
    /// </summary>
    private const int MinLength = 1400;

    /// <summary>Sets the headers for a body, and opens the compressed stream if the body is compressed.</summary>
    /// <param name="length">The number of bytes of the body without compression.</param>
    /// <param name="isUncompressed">Whether the body is never compressed.</param>
    /// <returns>The stream for the body, to be disposed when the body is complete; null for the response's own stream.</returns>
    public static Stream? Open(HttpContext http, long length, bool isUncompressed = false)
    {
        var response = http.Response;
        switch (isUncompressed || length < MinLength ? null : ChooseCoding(http.Request))
        {
            case "gzip":
                SetCodingHeaders(response, "gzip");
                return new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            case "deflate":
                SetCodingHeaders(response, "deflate");
                // The deflate coding of HTTP has a zlib header (RFC 9110, section 8.4.1.2).
                return new ZLibStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            default:
                response.ContentLength = length;
                return null;
        }
    }

    /// <summary>Returns the coding that the client prefers according to RFC 9110, section 12.5.3; null for none.</summary>
    private static string? ChooseCoding(HttpRequest request)
    {
        var header = request.Headers.AcceptEncoding;
        if (header.Count == 0 || !StringWithQualityHeaderValue.TryParseList(header, out var accepted))
            return null;
        var (gzip, deflate) = (GetQuality(accepted, "gzip"), GetQuality(accepted, "deflate"));
        return gzip > 0 && gzip >= deflate ? "gzip" : deflate > 0 ? "deflate" : null;
    }

    private static double GetQuality(IList<StringWithQualityHeaderValue> accepted, string encoding)
    {
        var wildcard = 0.0;
        foreach (var value in accepted)
        {
            if (value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase))
                return value.Quality ?? 1;
            if (value.Value == "*")
                wildcard = value.Quality ?? 1;
        }

        return wildcard;
    }

    private static void SetCodingHeaders(HttpResponse response, string encoding)
    {
        response.Headers.ContentEncoding = encoding;
        response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
    }
}
