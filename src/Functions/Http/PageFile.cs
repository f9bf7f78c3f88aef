using System.Net;
using System.Text;
using Functions.Predictions;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Functions.Http;

/// <summary>A file of the web page, embedded in the executable. The file is read only when a request needs it.</summary>
internal sealed class PageFile : IResult
{
    private const string ResourcePrefix = "Page/";

    /// <summary>The prefix of the page's links to its other files.</summary>
    private const string LinkPrefix = "play/";

    /// <summary>
    /// The Content-Security-Policy: the page runs only its own files, calls only its own server, and cannot be embedded in another page.
    /// </summary>
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' blob: data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private readonly string _name;
    private readonly string _contentType;

    private PageFile(string name, string contentType) => (_name, _contentType) = (name, contentType);

    /// <summary>The page itself.</summary>
    public static PageFile Index { get; } = new("index.html", "text/html; charset=utf-8");

    /// <summary>Finds a file; returns null when the page has no such file.</summary>
    public static PageFile? Find(string name)
    {
        var contentType = Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            ".svg" => "image/svg+xml",
            _ => null,
        };
        return contentType is not null && typeof(PageFile).Assembly.GetManifestResourceInfo(ResourcePrefix + name) is not null
            ? new PageFile(name, contentType)
            : null;
    }

    private Stream Open() => typeof(PageFile).Assembly.GetManifestResourceStream(ResourcePrefix + _name)!;

    /// <summary>
    /// Opens the page and corrects its links to other files. Links are absolute when the path of a proxy is known
    /// (<see cref="PublicAddress.HasPrefix"/>), and relative otherwise. Behind a proxy whose path is not known, the address of the home
    /// page needs a slash at its end: <c>/inference/</c>, not <c>/inference</c>.
    /// </summary>
    private Stream OpenIndex(HttpRequest request)
    {
        var isPlay = request.Path.Value?.TrimEnd('/').EndsWith($"/{LinkPrefix.TrimEnd('/')}", StringComparison.OrdinalIgnoreCase) == true;
        var linkPrefix = PublicAddress.HasPrefix(request) ? $"{PublicAddress.GetPath(request, isPlay ? 1 : 0)}/{LinkPrefix}"
            : isPlay && request.Path.Value!.EndsWith('/') ? ""
            : LinkPrefix;
        var content = Open();
        if (linkPrefix == LinkPrefix)
            return content;
        using var reader = new StreamReader(content);
        return new MemoryStream(Encoding.UTF8.GetBytes(
            reader.ReadToEnd().Replace($"=\"{LinkPrefix}", $"=\"{WebUtility.HtmlEncode(linkPrefix)}", StringComparison.Ordinal)));
    }

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using var content = this == Index ? OpenIndex(httpContext.Request) : Open();
        var headers = httpContext.Response.Headers;
        httpContext.Response.ContentType = _contentType;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers[HeaderNames.CacheControl] = "no-cache";
        headers["Referrer-Policy"] = "no-referrer";
        await using var compressed = ResponseCompression.Open(httpContext, content.Length);
        await content.CopyToAsync(compressed ?? httpContext.Response.Body, httpContext.RequestAborted).ConfigureAwait(false);
    }
}
