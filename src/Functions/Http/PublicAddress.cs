using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Functions.Http;

/// <summary>
/// Where callers reach this server, for the links that responses contain. A proxy that serves it under a path of its own says so in
/// X-Forwarded-Prefix. The headers of proxies decide only links: a caller who forges them gets wrong links.
/// </summary>
internal static class PublicAddress
{
    private const string Prefix = "X-Forwarded-Prefix", Host = "X-Forwarded-Host", Scheme = "X-Forwarded-Proto";

    /// <summary>Longer values are not those of a proxy.</summary>
    private const int MaxLength = 256;

    /// <summary>The characters of a path (RFC 3986, section 3.3), without those that end it.</summary>
    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("/-._~!$&'()*+,;=:@%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("-._:[]0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The path that all routes are below, as callers write it: without a slash at its end, and empty at the root.</summary>
    /// <param name="segments">The number of segments that the request's own route has below that path.</param>
    public static string PathOf(HttpRequest request, int segments)
    {
        var path = (request.Path.Value ?? "").TrimEnd('/');
        for (var segment = 0; segment < segments && path.LastIndexOf('/') is var slash and >= 0; segment++)
            path = path[..slash];
        var prefix = ForwardedPrefix(request.Headers[Prefix]);
        return (prefix.Length > 0 ? prefix : request.PathBase.ToUriComponent()) + new PathString(path).ToUriComponent();
    }

    /// <summary>Whether the path below which a proxy serves this server is known, from a header or a setting.</summary>
    public static bool HasPrefix(HttpRequest request) => request.PathBase.HasValue || ForwardedPrefix(request.Headers[Prefix]).Length > 0;

    /// <summary>Whether a text can stand before the path of a link: it begins with one slash and has only characters of paths.</summary>
    // Two slashes at the start of a link begin the name of a host.
    public static bool IsPath(string text) =>
        IsMadeOf(text, PathCharacters) && text[0] == '/' && !text.Contains("//", StringComparison.Ordinal);

    /// <summary>
    /// The address of that path: absolute when a proxy tells its own scheme or host, otherwise the path alone, which clients resolve.
    /// </summary>
    /// <inheritdoc cref="PathOf"/>
    public static string Of(HttpRequest request, int segments)
    {
        var path = PathOf(request, segments);
        var (host, scheme) = (First(request.Headers[Host]), First(request.Headers[Scheme]).ToLowerInvariant());
        var isHost = IsMadeOf(host, HostCharacters);
        var isScheme = scheme is "http" or "https";
        if (!isHost && !isScheme)
            return path.Length > 0 ? path : "/";
        return $"{(isScheme ? scheme : request.Scheme)}://{(isHost ? host : request.Host.ToUriComponent())}{path}";
    }

    /// <summary>Joins what proxies behind each other add, the outermost first. A value that is not a path counts as none.</summary>
    private static string ForwardedPrefix(StringValues header)
    {
        var prefix = "";
        foreach (var part in header.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var path = part.TrimEnd('/');
            if (path.Length == 0)
                continue;
            if (!IsPath(path))
                return "";
            prefix += path;
        }

        return prefix.Length <= MaxLength ? prefix : "";
    }

    private static string First(StringValues header) => header.ToString().Split(',')[0].Trim();

    private static bool IsMadeOf(string text, SearchValues<char> characters) =>
        text.Length is > 0 and <= MaxLength && !text.AsSpan().ContainsAnyExcept(characters);
}
