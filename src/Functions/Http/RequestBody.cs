using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Functions.Http;

/// <summary>Reads a JSON request body whole, into pooled memory, within the limit.</summary>
internal static class RequestBody
{
    private const int InitialCapacity = 4096;

    /// <summary>A client that announces more than this takes the memory for it only as it sends.</summary>
    private const int TrustedCapacity = 1 << 20;

    /// <exception cref="BadHttpRequestException">With status 413 or 415, or what the server found wrong with the request.</exception>
    public static async Task<PooledBuffer> ReadJsonAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        CheckContentType(request);
        if (request.ContentLength > limit)
            throw TooLarge(limit);

        var buffer = new PooledBuffer((int)Math.Min(request.ContentLength ?? InitialCapacity, TrustedCapacity) + 1);
        try
        {
            while (await request.Body.ReadAsync(buffer.GetMemory(), cancellationToken).ConfigureAwait(false) is var read and > 0)
            {
                buffer.Advance(read);
                if (buffer.Written.Length > limit)
                    throw TooLarge(limit);
            }

            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    private static void CheckContentType(HttpRequest request)
    {
        if (request.Headers.ContentEncoding.Count > 0)
            throw Unsupported($"Content-Encoding {request.Headers.ContentEncoding} is not supported: send the body as it is.");
        // A body without a type is taken for what this call takes.
        if (request.ContentType is not { Length: > 0 } text)
            return;
        if (!MediaTypeHeaderValue.TryParse(text, out var type) || !type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            throw Unsupported($"Content-Type {text} is not supported: send JSON with Content-Type: application/json.");
        if (type.Charset.Length > 0 && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            throw Unsupported($"The charset {type.Charset} is not supported: send application/json in UTF-8.");
    }

    private static BadHttpRequestException TooLarge(int limit) =>
        new($"The body is larger than the {limit} bytes that Http__MaxBodySize allows.", StatusCodes.Status413PayloadTooLarge);

    private static BadHttpRequestException Unsupported(string message) => new(message, StatusCodes.Status415UnsupportedMediaType);
}
