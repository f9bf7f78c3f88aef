using System.Text;

namespace Functions.Tests.Clients;

/// <summary>A request of a public client, tool or exporter, and the required content of the response.</summary>
/// <param name="Name">The client and its request; unique in the table.</param>
/// <param name="Path">The path and query. A case without a body is a GET.</param>
/// <param name="Body">The body, sent as <c>application/json</c> unless <see cref="Headers"/> contain another type.</param>
public sealed record ClientCase(string Name, string Path, string? Body = null)
{
    /// <summary>The method; null for POST with a body and GET without a body.</summary>
    public string? Method { get; init; }

    /// <summary>The bytes of a body, such as a file, in place of <see cref="Body"/>.</summary>
    public byte[]? Content { get; init; }

    /// <summary>The headers, each as "Name: value". "Content-Type:" without a value removes this header.</summary>
    public string[] Headers { get; init; } = [];

    public int Status { get; init; } = 200;

    /// <summary>Texts that the response's body contains.</summary>
    public string[] ExpectedTexts { get; init; } = [];

    /// <summary>Texts that the response's body does not contain.</summary>
    public string[] UnexpectedTexts { get; init; } = [];

    /// <summary>Lines that the response's headers contain, each as "Name: value".</summary>
    public string[] ExpectedHeaders { get; init; } = [];

    public HttpRequestMessage Request()
    {
        var content = Content ?? (Body is null ? null : Encoding.UTF8.GetBytes(Body));
        var method = Method is null ? (content is null ? HttpMethod.Get : HttpMethod.Post) : new HttpMethod(Method);
        var request = new HttpRequestMessage(method, new Uri(Path, UriKind.Relative));
        if (content is not null)
            request.Content = new ByteArrayContent(content) { Headers = { { "Content-Type", "application/json" } } };
        foreach (var header in Headers)
        {
            Add(request, header[..header.IndexOf(':', StringComparison.Ordinal)],
                header[(header.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim());
        }

        return request;
    }

    private static void Add(HttpRequestMessage request, string name, string value)
    {
        if (!name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase))
        {
            request.Headers.TryAddWithoutValidation(name, value);
            return;
        }

        request.Content!.Headers.Remove(name);
        if (value.Length > 0)
            request.Content.Headers.TryAddWithoutValidation(name, value);
    }
}
