using System.Buffers;

namespace Inference.Remote.Access;

/// <summary>A server, identified by scheme, host and port, as browsers identify an origin.</summary>
public sealed record RemoteOrigin
{
    /// <summary>Characters that an address may have but an origin may not.</summary>
    private static readonly SearchValues<char> ForbiddenCharacters = SearchValues.Create("@?#*\\ ");

    private RemoteOrigin(string scheme, string host, int port) => (Scheme, Host, Port) = (scheme, host, port);

    /// <summary>The scheme in lower case.</summary>
    public string Scheme { get; }

    /// <summary>The host in lower case and ASCII, without a final dot. An IPv6 address is in brackets.</summary>
    public string Host { get; }

    /// <summary>The port; the scheme's default port when the address names none.</summary>
    public int Port { get; }

    /// <summary>Gets the origin of an absolute address.</summary>
    public static RemoteOrigin FromUrl(Uri url) =>
        new(url.Scheme, (url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost).ToLowerInvariant().TrimEnd('.'), url.Port);

    /// <summary>
    /// Parses an origin. Returns null for any other text, such as an address with a path, a user, or a scheme other than http or https.
    /// </summary>
    public static RemoteOrigin? ParseOrNull(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
        && url is { UserInfo: "", PathAndQuery: "/", Fragment: "", Host.Length: > 0 }
        && !text.EndsWith('/') && !text.AsSpan().ContainsAny(ForbiddenCharacters)
            ? FromUrl(url)
            : null;

    public override string ToString() => $"{Scheme}://{Host}:{Port}";
}
