using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Functions.Hosting;
using Inference.Protocols;
using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>
/// A response whose JSON is written before its status goes out: an answer that cannot be written is an error, not half an answer.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A result is executed once, and that gives the buffer back.")]
internal sealed class JsonBody : IResult
{
    private const int InitialCapacity = 1024;

    private readonly PooledBuffer _buffer = new(InitialCapacity);
    private readonly int _status;
    private readonly string _contentType;
    private int? _retryAfter;
    private readonly string? _location;
    private string? _errorCode;
    private bool _isPlain;

    private JsonBody(int status, string contentType, int? retryAfter, string? location) =>
        (_status, _contentType, _retryAfter, _location) = (status, contentType, retryAfter, location);

    /// <param name="retryAfter">Seconds, for the header of that name.</param>
    /// <param name="location">A path, for the header of that name.</param>
    public static JsonBody Create(
        Action<IBufferWriter<byte>> write,
        int status = StatusCodes.Status200OK,
        string contentType = "application/json",
        int? retryAfter = null,
        string? location = null) => Create(write, static (buffer, write) => write(buffer), status, contentType, retryAfter, location);

    /// <summary>The same, never compressed: some of Triton's clients say that they take gzip, and unpack it of predictions only.</summary>
    public static JsonBody CreatePlain(Action<IBufferWriter<byte>> write, int status = StatusCodes.Status200OK)
    {
        var body = Create(write, status);
        body._isPlain = true;
        return body;
    }

    /// <summary>The same without a closure, for what is answered often.</summary>
    public static JsonBody Create<T>(
        T value,
        Action<IBufferWriter<byte>, T> write,
        int status = StatusCodes.Status200OK,
        string contentType = "application/json",
        int? retryAfter = null,
        string? location = null)
    {
        var body = new JsonBody(status, contentType, retryAfter, location);
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

    /// <summary>Makes this the body of an error.</summary>
    /// <param name="code">For the header that names the kind of error.</param>
    /// <param name="retryAfter">Seconds, for the header of that name.</param>
    public JsonBody AsError(string code, int? retryAfter)
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
            if (_errorCode is not null)
                response.Headers[ServerErrorCodes.Header] = _errorCode;
            if (_location is not null)
                response.Headers.Location = _location;
            await using (var body = ResponseCompression.Open(httpContext, _buffer.Written.Length, _isPlain))
                await (body ?? response.Body).WriteSlicedAsync(_buffer.Written, httpContext.RequestAborted).ConfigureAwait(false);
        }

        // These may be refusals of a body that the client still sends.
        if (_status is StatusCodes.Status400BadRequest or StatusCodes.Status413PayloadTooLarge or StatusCodes.Status429TooManyRequests)
            await UnreadBody.DrainAsync(httpContext).ConfigureAwait(false);
    }
}
