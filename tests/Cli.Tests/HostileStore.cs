using System.Globalization;
using System.Net;
using System.Text;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>A fake blob service of an attacker, which can list names and sizes that are wrong.</summary>
internal sealed class HostileStore : IDisposable
{
    private const string ETag = "\"0x1\"";

    private readonly List<(string Name, byte[] Content, long Size)> _blobs = [];
    private readonly HttpDouble _server;

    public HostileStore()
    {
        _server = new HttpDouble(Answer);
        Add("iris/1/model.onnx", "model"u8);
    }

    /// <summary>Whether a listing contains all blobs, also those without the prefix of the request.</summary>
    public bool IgnoresPrefixes { get; init; }

    /// <summary>The body of each response to a list request; null to list the blobs.</summary>
    public string? ListingText { get; init; }

    /// <summary>Whether responses with a blob lack the headers of blob storage.</summary>
    public bool IsTerse { get; init; }

    /// <summary>The value for <c>--store</c>.</summary>
    public string Address => $"{_server.Address}/account/models?sig=x";

    /// <param name="size">The size in the listing; null for the size of the content.</param>
    public void Add(string name, ReadOnlySpan<byte> content, long? size = null) =>
        _blobs.Add((name, content.ToArray(), size ?? content.Length));

    public Task<CliResult> PullAsync(TempFolder target, params string[] options) =>
        CliProcess.RunAsync(["models", "pull", "iris", target.Combine("models"), "--store", Address, .. options]);

    public void Dispose() => _server.Dispose();

    private void Answer(HttpListenerContext context)
    {
        var response = context.Response;
        if (context.Request.QueryString["comp"] == "list")
        {
            Send(response,
                Encoding.UTF8.GetBytes(ListingText ?? CreateListing(IgnoresPrefixes ? "" : context.Request.QueryString["prefix"] ?? "")));
            return;
        }

        // The HTTP client normalizes a path such as a/../b. If no blob has the normalized name, the response is "model".
        var path = Uri.UnescapeDataString(context.Request.Url!.AbsolutePath)["/account/models/".Length..];
        var content = _blobs.Find(blob => blob.Name == path).Content ?? "model"u8.ToArray();
        if (IsTerse)
        {
            Send(response, content);
            return;
        }

        response.AddHeader("ETag", ETag);
        response.AddHeader("Last-Modified", "Wed, 02 Jan 2030 03:04:05 GMT");
        response.AddHeader("x-ms-blob-type", "BlockBlob");
        if (context.Request.HttpMethod == "HEAD")
        {
            response.ContentLength64 = content.Length;
            return;
        }

        response.StatusCode = 206;
        response.AddHeader("Content-Range", $"bytes 0-{content.Length - 1}/{content.Length}");
        Send(response, content);
    }

    private string CreateListing(string prefix)
    {
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults><Blobs>");
        foreach (var (name, _, size) in _blobs.Where(blob => blob.Name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            text.Append(CultureInfo.InvariantCulture, $"<Blob><Name Encoded=\"true\">{Uri.EscapeDataString(name)}</Name><Properties>");
            text.Append(CultureInfo.InvariantCulture,
                $"<Etag>{ETag}</Etag><Content-Length>{size}</Content-Length><BlobType>BlockBlob</BlobType></Properties></Blob>");
        }

        return text.Append("</Blobs><NextMarker /></EnumerationResults>").ToString();
    }

    private static void Send(HttpListenerResponse response, byte[] content)
    {
        response.ContentLength64 = content.Length;
        response.OutputStream.Write(content);
    }
}
