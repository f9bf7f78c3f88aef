using System.Globalization;
using Inference;
using Inference.Protocols;
using Inference.Protocols.OpenInference;
using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>The body of an infer call: JSON, or JSON and tensors behind it, which a header tells apart.</summary>
internal sealed class InferRequest : IDisposable
{
    /// <summary>Bytes of the JSON; 0: the body is one tensor. Without it, the body is JSON alone.</summary>
    public const string HeaderLength = "Inference-Header-Content-Length";

    /// <summary>The largest element's; memory from the pool is aligned to it.</summary>
    private const int Alignment = sizeof(ulong);

    private readonly PooledBuffer _bytes;

    private InferRequest(PooledBuffer bytes, InferBody body) => (_bytes, Body) = (bytes, body);

    /// <summary>Gone with this.</summary>
    public InferBody Body { get; }

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: there is no body.</exception>
    /// <exception cref="BadHttpRequestException">With status 400, 413 or 415, or what the server found wrong with the request.</exception>
    public static async ValueTask<InferRequest> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (ReadHeaderLength(request) is not { } length)
        {
            JsonMediaType.ThrowIfNoText(request);
            var json = await RequestBody.ReadAsync(request, limit, offset: 0, cancellationToken).ConfigureAwait(false);
            if (json.Length > 0)
                return new InferRequest(json, new InferBody(json.Written, Memory<byte>.Empty));
            json.Dispose();
            // Without JSON, a body would be read as one tensor.
            throw new InferenceException(InferenceError.InvalidRequest, "The body is empty; a JSON object with \"inputs\" is expected.")
            {
                Reason = ErrorReason.InvalidJson,
            };
        }

        // The tensors begin aligned, so that they need not be copied.
        var offset = (Alignment - (length % Alignment)) % Alignment;
        var bytes = await RequestBody.ReadAsync(request, limit, offset, cancellationToken).ConfigureAwait(false);
        var body = bytes.Written[offset..];
        if (length <= body.Length)
            return new InferRequest(bytes, new InferBody(body[..length], body[length..]));
        bytes.Dispose();
        throw new BadHttpRequestException($"{HeaderLength} is {length}, but the body has {body.Length} bytes.");
    }

    public void Dispose() => _bytes.Dispose();

    private static int? ReadHeaderLength(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(HeaderLength, out var text))
        {
            return request.ContentType is { } type && type.Contains("/octet-stream", StringComparison.OrdinalIgnoreCase)
                ? throw JsonMediaType.Unsupported(
                    $"{Quote.Of(type)} needs the header {HeaderLength}: the bytes of the JSON before the tensors, or 0 for a body that is "
                    + "one tensor. JSON alone is application/json.")
                : null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new BadHttpRequestException($"{HeaderLength} is \"{Quote.Of(text.ToString())}\"; it must be a number of bytes from 0.");
    }
}
