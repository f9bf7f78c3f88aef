using System.Globalization;

namespace Inference.Remote.Access;

/// <summary>
/// A host that models may call: <c>models.example.com</c>, or <c>*.example.com</c> for all subdomains. If a port is given, as in
/// <c>models.example.com:8443</c>, only this port is allowed.
/// </summary>
/// <param name="Name">
/// The name in the form of <see cref="RemoteOrigin.Host"/>; for <c>*.example.com</c> the part after the star, <c>.example.com</c>.
/// </param>
/// <param name="IsSuffix">Whether the setting has a star before the name.</param>
/// <param name="Port">The only allowed port; null for all ports.</param>
public sealed record AllowedHost(string Name, bool IsSuffix, int? Port)
{
    private const string Star = "*.";

    /// <summary>Parses a host. Returns null when the text is not a host.</summary>
    public static AllowedHost? ParseOrNull(string text)
    {
        var isSuffix = text.StartsWith(Star, StringComparison.Ordinal);
        var (name, port) = SplitPort(isSuffix ? text[Star.Length..] : text);
        var number = 0;
        if (port is not null
            && !(int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is > 0 and <= ushort.MaxValue))
        {
            return null;
        }

        // The parser of origins checks the host and converts it to the form of an origin.
        return RemoteOrigin.ParseOrNull($"http://{name}") is { } origin
            ? new AllowedHost(isSuffix ? $".{origin.Host}" : origin.Host, isSuffix, port is null ? null : number)
            : null;
    }

    /// <summary>Whether a model may call the server of this origin.</summary>
    public bool Allows(RemoteOrigin origin) =>
        (Port is null || Port == origin.Port)
        && (IsSuffix ? origin.Host.EndsWith(Name, StringComparison.Ordinal) : origin.Host == Name);

    /// <summary>Splits a host and its port. An IPv6 address has its colons in brackets.</summary>
    private static (string Name, string? Port) SplitPort(string text) =>
        text.LastIndexOf(':') is var colon and >= 0 && colon > text.LastIndexOf(']') ? (text[..colon], text[(colon + 1)..]) : (text, null);
}
