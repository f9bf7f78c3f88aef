using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Functions.Predictions;

/// <summary>Compresses answers for those who accept it. Who does not ask pays for one look at a header.</summary>
internal static class ResponseCompression
{
    /// <summary>A response that fits one packet does not arrive sooner when it is shorter.</summary>
    private const int LeastLength = 1400;

    /// <summary>Sets the headers for a body of so many bytes.</summary>
    /// <param name="isPlain">Whether it goes as it is to everyone.</param>
    /// <returns>The stream for the body, to be disposed when the body is complete; null for the response's own stream.</returns>
    public static Stream? Open(HttpContext http, long length, bool isPlain = false)
    {
        var response = http.Response;
        switch (isPlain || length < LeastLength ? null : Choose(http.Request))
        {
            case "gzip":
                Declare(response, "gzip");
                return new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            case "deflate":
                Declare(response, "deflate");
                // What HTTP calls deflate has zlib's header (RFC 9110, section 8.4.1.2).
                return new ZLibStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            default:
                response.ContentLength = length;
                return null;
        }
    }

    /// <summary>The encoding that is wanted most, by RFC 9110, section 12.5.3; null for none.</summary>
    private static string? Choose(HttpRequest request)
    {
        var header = request.Headers.AcceptEncoding;
        if (header.Count == 0 || !StringWithQualityHeaderValue.TryParseList(header, out var accepted))
            return null;
        var (gzip, deflate) = (Quality(accepted, "gzip"), Quality(accepted, "deflate"));
        return gzip > 0 && gzip >= deflate ? "gzip" : deflate > 0 ? "deflate" : null;
    }

    private static double Quality(IList<StringWithQualityHeaderValue> accepted, string encoding)
    {
        var any = 0.0;
        foreach (var value in accepted)
        {
            if (value.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase))
                return value.Quality ?? 1;
            if (value.Value == "*")
                any = value.Quality ?? 1;
        }

        return any;
    }

    private static void Declare(HttpResponse response, string encoding)
    {
        response.Headers.ContentEncoding = encoding;
        response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
    }
}
