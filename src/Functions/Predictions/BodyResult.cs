using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Functions.Hosting;
using Inference.Protocols;
using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>
/// A response whose body is written to memory before the status is sent. If the creation of the body fails, the caller gets an error and
/// not a truncated response.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "The result is executed once, and then returns the buffer.")]
internal sealed class BodyResult : IResult
{
    private const int InitialCapacity = 1024;

    private readonly PooledBuffer _buffer = new(InitialCapacity);
    private readonly int _status;
    private readonly string _contentType;
    private int? _retryAfter;
    private readonly string? _location;
    private string? _errorCode;
    private bool _isUncompressed;

    private BodyResult(int status, string contentType, int? retryAfter, string? location) =>
        (_status, _contentType, _retryAfter, _location) = (status, contentType, retryAfter, location);

    /// <summary>Creates a response, and writes the body to memory.</summary>
    /// <param name="retryAfter">The seconds of the header Retry-After; null for no header.</param>
    /// <param name="location">The path of the header Location.</param>
    public static BodyResult Create(
        Action<IBufferWriter<byte>> write,
        int status = StatusCodes.Status200OK,
        string contentType = "application/json",
        int? retryAfter = null,
        string? location = null) => Create(write, static (buffer, write) => write(buffer), status, contentType, retryAfter, location);

    /// <summary>
    /// Creates a response that is never compressed. Some of Triton's clients accept gzip but decompress only predictions.
    /// </summary>
    public static BodyResult CreateUncompressed(Action<IBufferWriter<byte>> write, int status = StatusCodes.Status200OK)
    {
        var body = Create(write, status);
        body._isUncompressed = true;
        return body;
    }

    /// <summary>Creates a response from a value, so that frequent calls need not allocate a closure.</summary>
    public static BodyResult Create<T>(
        T value,
        Action<IBufferWriter<byte>, T> write,
        int status = StatusCodes.Status200OK,
        string contentType = "application/json",
        int? retryAfter = null,
        string? location = null)
    {
        var body = new BodyResult(status, contentType, retryAfter, location);
        try
        {
            write(body._buffer, value);
            return body;
        }
        catch
        {
            body._buffer.Dispose();
            throw;
        }
    }

    /// <summary>Makes this response an error.</summary>
    /// <param name="code">The code for the header that names the kind of error.</param>
    /// <param name="retryAfter">The seconds of the header Retry-After.</param>
    public BodyResult AsError(string code, int? retryAfter)
    {
        (_errorCode, _retryAfter) = (code, retryAfter);
        return this;
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        using (_buffer)
        {
            var response = httpContext.Response;
            response.StatusCode = _status;
            response.ContentType = _contentType;
            if (_retryAfter is { } seconds)
                response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            // The rest of a body that arrives too slowly is not read, so the connection cannot be used again.
            if (_status == StatusCodes.Status408RequestTimeout && HttpProtocol.IsHttp11(httpContext.Request.Protocol))
                response.Headers.Connection = "close";
            if (_errorCode is not null)
                response.Headers[ServerErrorCodes.HeaderName] = _errorCode;
            if (_location is not null)
                response.Headers.Location = _location;
            await using (var body = ResponseCompression.Open(httpContext, _buffer.Written.Length, _isUncompressed))
                await (body ?? response.Body).WriteSlicedAsync(_buffer.Written, httpContext).ConfigureAwait(false);
        }

        // With these statuses, the client may still be sending the request body that the server refused.
        if (_status is StatusCodes.Status400BadRequest or StatusCodes.Status413PayloadTooLarge or StatusCodes.Status429TooManyRequests)
            await UnreadBody.DrainAsync(httpContext).ConfigureAwait(false);
    }
}
