using System.Globalization;

namespace Inference.Remote.Access;

/// <summary>
/// Hosts that models may name: <c>models.example.com</c>, with a port alone if one is written, or <c>*.example.com</c> for all below.
/// </summary>
/// <param name="Name">As in <see cref="RemoteOrigin.Host"/>; of <c>*.example.com</c> what follows the star.</param>
/// <param name="IsSuffix">Whether the name has a star.</param>
/// <param name="Port">Null for all ports.</param>
public sealed record AllowedHost(string Name, bool IsSuffix, int? Port)
{
    private const string Star = "*.";

    /// <summary>Null when the text is no host.</summary>
    public static AllowedHost? TryParse(string text)
    {
        var isSuffix = text.StartsWith(Star, StringComparison.Ordinal);
        var (name, port) = SplitPort(isSuffix ? text[Star.Length..] : text);
        var number = 0;
        if (port is not null
            && !(int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is > 0 and <= ushort.MaxValue))
        {
            return null;
        }

        // The reader of addresses says what a host is, and how it is written.
        return RemoteOrigin.TryParse($"http://{name}") is { } origin
            ? new AllowedHost(isSuffix ? $".{origin.Host}" : origin.Host, isSuffix, port is null ? null : number)
            : null;
    }

    public bool Allows(RemoteOrigin origin) =>
        (Port is null || Port == origin.Port)
        && (IsSuffix ? origin.Host.EndsWith(Name, StringComparison.Ordinal) : origin.Host == Name);

    /// <summary>The colons of an IPv6 address are in brackets.</summary>
    private static (string Name, string? Port) SplitPort(string text) =>
        text.LastIndexOf(':') is var colon and >= 0 && colon > text.LastIndexOf(']') ? (text[..colon], text[(colon + 1)..]) : (text, null);
}
