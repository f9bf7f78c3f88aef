using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Inference.Models.Settings;
using Inference.Protocols;

namespace Inference.Remote.Calls;

/// <summary>The body of a successful response, in pooled memory.</summary>
internal sealed class HttpPeerResponse(PooledBuffer body, HttpResponseHeaders headers) : IDisposable
{
    public Memory<byte> Body => body.Written;

    /// <summary>Reads a number from a header. Returns null when the header is missing.</summary>
    /// <exception cref="PeerException">The header is not a number.</exception>
    public int? ReadNumber(string header)
    {
        if (!headers.TryGetValues(header, out var values))
            return null;
        var text = string.Join(',', values);
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw PeerException.CreateMalformedError($"header {header} is \"{PeerText.ToOneLine(text)}\".");
    }

    /// <exception cref="PeerException">The body is not a JSON object.</exception>
    public JsonDocument ReadObject()
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(ByteOrderMark.Skip((ReadOnlyMemory<byte>)Body));
        }
        catch (JsonException e)
        {
            throw PeerException.CreateMalformedError(PeerText.ToOneLine(ProblemText.Describe(e)), e);
        }

        if (document.RootElement.ValueKind == JsonValueKind.Object)
            return document;
        document.Dispose();
        throw PeerException.CreateMalformedError("it is not a JSON object.");
    }

    public void Dispose() => body.Dispose();
}
