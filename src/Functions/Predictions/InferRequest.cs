using System.Globalization;
using Inference;
using Inference.Protocols;
using Inference.Protocols.OpenInference;
using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>
/// The body of an infer call: JSON, or JSON followed by binary tensors. The header <see cref="LengthHeader"/> distinguishes the two.
/// </summary>
internal sealed class InferRequest : IDisposable
{
    /// <summary>
    /// The header with the number of bytes of the JSON part. 0 means that the body is one binary tensor. Without the header, the body is
    /// only JSON.
    /// </summary>
    public const string LengthHeader = "Inference-Header-Content-Length";

    /// <summary>The size of the largest element in bytes. Pooled memory is aligned to this size.</summary>
    private const int Alignment = sizeof(ulong);

    private readonly PooledBuffer _bytes;

    private InferRequest(PooledBuffer bytes, InferBody body) => (_bytes, Body) = (bytes, body);

    /// <summary>The parsed body, which is valid until this object is disposed.</summary>
    public InferBody Body { get; }

    /// <summary>Reads a request. The caller disposes the returned object.</summary>
    /// <param name="limit">The maximum number of bytes of the body.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is empty.</exception>
    /// <exception cref="BadHttpRequestException">
    /// Status 400, 408, 413 or 415, or the status with which the web server rejects the request.
    /// </exception>
    public static async ValueTask<InferRequest> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        if (ReadJsonLength(request) is not { } length)
        {
            JsonMediaType.ThrowIfNeitherJsonNorText(request);
            var json = await RequestBody.ReadAsync(request, limit, offset: 0, cancellationToken).ConfigureAwait(false);
            if (json.Length > 0)
                return new InferRequest(json, new InferBody(json.Written, Memory<byte>.Empty));
            json.Dispose();
            // InferBody would read an empty JSON part as a body that is one binary tensor.
            throw new InferenceException(InferenceError.InvalidRequest, "The body is empty; a JSON object with \"inputs\" is expected.")
            {
                Reason = ErrorReason.InvalidJson,
            };
        }

        // The tensors start at an aligned address, so that they need not be copied. For example, 3 free bytes before 21 bytes of JSON make
        // the tensors start at byte 24.
        var offset = (Alignment - (length % Alignment)) % Alignment;
        var bytes = await RequestBody.ReadAsync(request, limit, offset, cancellationToken).ConfigureAwait(false);
        var body = bytes.Written[offset..];
        if (length <= body.Length)
            return new InferRequest(bytes, new InferBody(body[..length], body[length..]));
        bytes.Dispose();
        throw new BadHttpRequestException($"{LengthHeader} is {length}, but the body has {Counted.Text(body.Length, "byte")}.");
    }

    public void Dispose() => _bytes.Dispose();

    private static int? ReadJsonLength(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(LengthHeader, out var text))
        {
            return request.ContentType is { } type && type.Contains("/octet-stream", StringComparison.OrdinalIgnoreCase)
                ? throw JsonMediaType.CreateUnsupportedError(
                    $"{Quote.Shorten(type)} needs the header {LengthHeader}: the number of bytes of the JSON before the tensors, or 0 for "
                    + "a body that is one tensor. JSON alone is application/json.")
                : null;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? length
            : throw new BadHttpRequestException(
                $"{LengthHeader} is \"{Quote.Shorten(text.ToString())}\"; it must be the number of bytes of the JSON, or 0 for a body "
                + "that is one tensor.");
    }
}
