using System.IO.Compression;
using Functions.Hosting;
using Inference;
using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>Decodes the Content-Encoding of a request: a list of codings with case-insensitive names (RFC 9110, section 8.4).</summary>
internal static class ContentCoding
{
    /// <summary>Opens the decompressed body of a request.</summary>
    /// <returns>A stream that the caller disposes; null for a body without a coding.</returns>
    /// <exception cref="BadHttpRequestException">Status 415: the coding is not supported, or there are several.</exception>
    public static Stream? OpenDecompressed(HttpRequest request)
    {
        var header = request.Headers.ContentEncoding;
        if (header.Count == 0)
            return null;
        string? coding = null;
        foreach (var part in header.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            // The coding identity means no coding.
            if (part.Equals("identity", StringComparison.OrdinalIgnoreCase))
                continue;
            if (coding is not null)
                throw CreateUnsupportedError(header.ToString());
            coding = part;
        }

        return coding?.ToUpperInvariant() switch
        {
            null => null,
            "GZIP" or "X-GZIP" => new GZipStream(new BodyStream(request.BodyReader), CompressionMode.Decompress, leaveOpen: true),
            // The deflate coding of HTTP has a zlib header (RFC 9110, section 8.4.1.2).
            "DEFLATE" => new ZLibStream(new BodyStream(request.BodyReader), CompressionMode.Decompress, leaveOpen: true),
            _ => throw CreateUnsupportedError(coding),
        };
    }

    private static RefusedRequestException CreateUnsupportedError(string coding) => new(
        $"Content-Encoding {Quote.Shorten(coding)} is not supported: send gzip, deflate, or the body as it is.",
        StatusCodes.Status415UnsupportedMediaType,
        ServerErrorCodes.UnsupportedEncoding);
}
