using System.Text;

namespace Functions.Tests.Clients;

/// <summary>A request as a public client, tool or exporter sends it, and what the answer must hold.</summary>
/// <param name="Name">Who sends what; unique in the table.</param>
/// <param name="Path">Path and query. A case without a body is a GET.</param>
/// <param name="Body">Sent as <c>application/json</c> unless <see cref="Headers"/> say otherwise.</param>
public sealed record ClientCase(string Name, string Path, string? Body = null)
{
    /// <summary>The method, when it is not the one that the body implies.</summary>
    public string? Method { get; init; }

    /// <summary>Sent instead of the text of <see cref="Body"/>, such as a file.</summary>
    public byte[]? Content { get; init; }

    /// <summary>Headers as they are sent, each "Name: value". "Content-Type:" sends none.</summary>
    public string[] Headers { get; init; } = [];

    public int Status { get; init; } = 200;

    /// <summary>Texts that the body holds.</summary>
    public string[] Holds { get; init; } = [];

    /// <summary>Texts that the body does not hold.</summary>
    public string[] Lacks { get; init; } = [];

    /// <summary>Lines that the headers hold, each "Name: value".</summary>
    public string[] Answers { get; init; } = [];

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
