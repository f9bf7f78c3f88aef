using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Functions.Http;

/// <summary>A response whose JSON is written before its status goes out: an answer that cannot be written is an error, not half an answer.</summary>
internal sealed class JsonBody : IResult
{
    private const int InitialCapacity = 1024;

    private readonly PooledBuffer _buffer = new(InitialCapacity);
    private readonly int _status;
    private readonly string _contentType;

    private JsonBody(int status, string contentType) => (_status, _contentType) = (status, contentType);

    /// <summary>Seconds for the Retry-After header, if any.</summary>
    public int? RetryAfter { get; init; }

    public static JsonBody Create(Action<IBufferWriter<byte>> write, int status = StatusCodes.Status200OK, string contentType = "application/json", int? retryAfter = null)
    {
        var body = new JsonBody(status, contentType) { RetryAfter = retryAfter };
        try
        {
            write(body._buffer);
            return body;
        }
        catch
        {
            body._buffer.Dispose();
            throw;
        }
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using (_buffer)
        {
            var response = httpContext.Response;
            response.StatusCode = _status;
            response.ContentType = _contentType;
            response.ContentLength = _buffer.Written.Length;
            if (RetryAfter is { } seconds)
                response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            await response.Body.WriteAsync(_buffer.Written, httpContext.RequestAborted).ConfigureAwait(false);
        }
    }
}
