using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Functions.Http;

/// <summary>
/// The address at which callers reach this server, for links in responses. A proxy that serves this server under a path sends
/// X-Forwarded-Prefix. Headers of proxies affect only links, so a caller that forges them only gets wrong links.
/// </summary>
internal static class PublicAddress
{
    private const string PrefixHeader = "X-Forwarded-Prefix", HostHeader = "X-Forwarded-Host", SchemeHeader = "X-Forwarded-Proto";

    /// <summary>The maximum length of one value of a proxy's header, and of a path; longer values are ignored.</summary>
    private const int MaxLength = 256;

    /// <summary>The characters of a path (RFC 3986, section 3.3). <c>?</c> and <c>#</c> end a path and are not among them.</summary>
    private static readonly SearchValues<char> PathCharacters =
        SearchValues.Create("/-._~!$&'()*+,;=:@%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private static readonly SearchValues<char> HostCharacters =
        SearchValues.Create("-._:[]0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>
    /// Returns the path below which callers reach all routes. The path has no slash at its end, such as <c>/inference</c>, and is empty at
    /// the root.
    /// </summary>
    /// <param name="segments">The number of segments of the request's own route below the path, such as 2 for <c>jobs/{id}</c>.</param>
    public static string GetPath(HttpRequest request, int segments)
    {
        var path = (request.Path.Value ?? "").TrimEnd('/');
        for (var segment = 0; segment < segments && path.LastIndexOf('/') is var slash and >= 0; segment++)
            path = path[..slash];
        var prefix = JoinPrefixes(request.Headers[PrefixHeader]);
        return (prefix.Length > 0 ? prefix : request.PathBase.ToUriComponent()) + new PathString(path).ToUriComponent();
    }

    /// <summary>Whether a header or a setting names the path under which a proxy serves this server.</summary>
    public static bool HasPrefix(HttpRequest request) =>
        request.PathBase.HasValue || JoinPrefixes(request.Headers[PrefixHeader]).Length > 0;

    /// <summary>
    /// Whether a text can be the prefix of a link's path. Such a path begins with one slash, and has at most 256 characters, all of them
    /// path characters.
    /// </summary>
    // Two slashes at the start of a link would begin a host name.
    public static bool IsPath(string text) =>
        HasOnly(text, PathCharacters) && text[0] == '/' && !text.Contains("//", StringComparison.Ordinal);

    /// <summary>
    /// Returns the address of the server's root. Its path is the result of <see cref="GetPath"/>. The address is absolute when a proxy
    /// sends its own scheme or host. Otherwise the address is the path alone, which clients resolve against the address that they called.
    /// </summary>
    /// <inheritdoc cref="GetPath"/>
    public static string GetAddress(HttpRequest request, int segments)
    {
        var path = GetPath(request, segments);
        var (host, scheme) = (GetFirstValue(request.Headers[HostHeader]), GetFirstValue(request.Headers[SchemeHeader]).ToLowerInvariant());
        var isHost = HasOnly(host, HostCharacters);
        var isScheme = scheme is "http" or "https";
        if (!isHost && !isScheme)
            return path.Length > 0 ? path : "/";
        return $"{(isScheme ? scheme : request.Scheme)}://{(isHost ? host : request.Host.ToUriComponent())}{path}";
    }

    /// <summary>Joins the prefixes of chained proxies, the outermost first. If one value is not a path, the result is empty.</summary>
    private static string JoinPrefixes(StringValues header)
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

    private static string GetFirstValue(StringValues header) => header.ToString().Split(',')[0].Trim();

    private static bool HasOnly(string text, SearchValues<char> characters) =>
        text.Length is > 0 and <= MaxLength && !text.AsSpan().ContainsAnyExcept(characters);
}
