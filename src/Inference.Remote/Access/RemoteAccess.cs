using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Settings.Remote;

namespace Inference.Remote.Access;

/// <summary>
/// The servers that models may call, and the keys to send to them. The author of a model's settings chooses a server within these limits.
/// Only this server's own settings change the limits.
/// </summary>
/// <param name="Keys">The keys, by the names that <c>remote.keySetting</c> contains. Case is ignored.</param>
/// <param name="Hosts">The allowed hosts; null for all hosts.</param>
public sealed record RemoteAccess(ImmutableDictionary<string, RemoteKey> Keys, ImmutableArray<AllowedHost>? Hosts)
{
    /// <summary>
    /// The header from which some proxies choose the server. If a model could set this header, its calls could reach a server that its
    /// address does not name.
    /// </summary>
    private const string HostHeader = "Host";

    /// <summary>Headers that a model may not set: they control the connection (RFC 9110, section 7.6.1) or describe the body.</summary>
    private static readonly HashSet<string> ReservedHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Allow", "Connection", "Expect", "Expires", "Keep-Alive", "Last-Modified", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding",
        "Upgrade",
    };

    /// <summary>Access to every host, without keys.</summary>
    public static RemoteAccess Unrestricted { get; } =
        new(ImmutableDictionary.Create<string, RemoteKey>(StringComparer.OrdinalIgnoreCase), Hosts: null);

    /// <summary>Verifies that a model may call its server, before anything is sent.</summary>
    /// <returns>The key to send; null for none.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the settings do not allow the server, or do not allow its key.
    /// </exception>
    internal string? Authorize(ModelId id, RemoteSettings settings)
    {
        var origin = RemoteOrigin.FromUrl(settings.Url);
        if (Hosts is { } hosts && !hosts.Any(host => host.Allows(origin)))
        {
            throw CreateNotAllowedError(
                $"Model {id} may not call {origin}, which its remote.url names: Remote__AllowedHosts does not list the host. "
                + "Add the host to Remote__AllowedHosts, or change remote.url.");
        }

        foreach (var header in settings.Headers.Keys.Append(settings.KeyHeader).OfType<string>())
        {
            if (FindHeaderProblem(header) is { } problem)
                throw CreateNotAllowedError($"Model {id} sets the header {header}, {problem}. Remove it from remote.headers and remote.keyHeader.");
        }

        return settings.KeySetting is { } name ? FindKey(id, name, origin) : null;
    }

    private static string? FindHeaderProblem(string header) =>
        header.Equals(HostHeader, StringComparison.OrdinalIgnoreCase) ? "which would send its calls to another server"
        : ReservedHeaders.Contains(header) || header.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
        ? "which this server sets for every call"
        : null;

    private string FindKey(ModelId id, string name, RemoteOrigin origin)
    {
        if (!Keys.TryGetValue(name, out var key))
        {
            throw CreateNotAllowedError(
                $"Model {id} needs the key \"{name}\", which its remote.keySetting names, but Remote__Keys__{name}__Value is not set. "
                + $"Set it, and Remote__Keys__{name}__Origin to the server that the key is for.");
        }

        return key.Origin == origin
            ? key.Value
            : throw CreateNotAllowedError(
                $"Model {id} may not send the key \"{name}\" to {origin}, which its remote.url names: the key is for {key.Origin}. "
                + $"Change remote.url, or Remote__Keys__{name}__Origin.");
    }

    private static InferenceException CreateNotAllowedError(string message) => new(InferenceError.ModelUnavailable, message);
}
