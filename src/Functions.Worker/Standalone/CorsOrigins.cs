using System.Buffers;
using Functions.Worker.Hosting;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Standalone;

/// <summary>The origins in <c>Http__Cors__Origins</c>, whose pages may call the server from a browser.</summary>
/// <param name="Named">The origins in the form that browsers send; empty when every origin is allowed.</param>
internal sealed record CorsOrigins(IReadOnlyList<string> Named)
{
    public const string Setting = "Http:Cors:Origins";

    private const string Any = "*";

    /// <summary>Characters that an origin cannot contain, such as those that begin a path or end a user name and password.</summary>
    private static readonly SearchValues<char> InvalidCharacters = SearchValues.Create("/?#@\\* ");

    public bool AllowsAny => Named.Count == 0;

    /// <summary>Reads the setting; returns null when it is not set.</summary>
    /// <exception cref="StartupException">The setting has no origin, something other than origins, or "*" beside origins.</exception>
    public static CorsOrigins? Read(IConfiguration settings) => Parse(settings[Setting]);

    /// <inheritdoc cref="Read"/>
    public static CorsOrigins? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var parts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts is [Any])
            return new CorsOrigins([]);
        if (parts.Length == 0)
        {
            throw new StartupException(
                "Http__Cors__Origins names no origin. Write origins such as https://app.example.org, with commas between them.");
        }

        return new CorsOrigins([.. parts.Select(Normalize)]);
    }

    public bool Allows(string origin) => AllowsAny || Named.Contains(origin, StringComparer.Ordinal);

    /// <summary>Converts an origin to the form that browsers send: the host in lower case and ASCII, without a default port.</summary>
    private static string Normalize(string text)
    {
        if (text == Any)
        {
            throw new StartupException(
                "Http__Cors__Origins names \"*\" and other origins. Write \"*\" alone to allow all, or origins alone.");
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || !IsOrigin(text, uri))
        {
            throw new StartupException(
                $"\"{text}\" in Http__Cors__Origins is not an origin. Write scheme://host or scheme://host:port without a path, "
                + "such as https://app.example.org.");
        }

        var host = uri.HostNameType == UriHostNameType.IPv6 ? uri.Host : uri.IdnHost;
        return $"{uri.Scheme}://{host}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}";
    }

    private static bool IsOrigin(string text, Uri uri)
    {
        var (schemeLength, separator) = (uri.Scheme.Length, Uri.SchemeDelimiter);
        return text.AsSpan(schemeLength).StartsWith(separator) && uri.Host.Length > 0
            && !text.AsSpan(schemeLength + separator.Length).ContainsAny(InvalidCharacters);
    }
}
