using System.Collections.Immutable;
using Inference.Models;
using Inference.Models.Settings.Remote;

namespace Inference.Remote.Access;

/// <summary>
/// Where models may send requests, and which keys with them. Whoever writes a model's settings chooses the server within these bounds,
/// which only the server's own settings set.
/// </summary>
/// <param name="Keys">The keys by the names in <c>remote.keySetting</c>, ignoring case.</param>
/// <param name="Hosts">Null for all hosts.</param>
public sealed record RemoteAccess(ImmutableDictionary<string, RemoteKey> Keys, ImmutableArray<AllowedHost>? Hosts)
{
    /// <summary>Sends a call to another server than the one of its address: a front door picks its server by this header.</summary>
    private const string HostHeader = "Host";

    /// <summary>Headers of a connection, which only its two ends set (RFC 9110, section 7.6.1), and those that describe a body.</summary>
    private static readonly HashSet<string> OwnHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "Allow", "Connection", "Expect", "Expires", "Keep-Alive", "Last-Modified", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding",
        "Upgrade",
    };

    /// <summary>Every host, no keys.</summary>
    public static RemoteAccess Everywhere { get; } =
        new(ImmutableDictionary.Create<string, RemoteKey>(StringComparer.OrdinalIgnoreCase), Hosts: null);

    /// <summary>Checks a model's server before anything is sent to it.</summary>
    /// <returns>The key to send; null for none.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the settings do not allow the server, or not its key.
    /// </exception>
    internal string? Authorize(ModelId id, RemoteSettings settings)
    {
        var origin = RemoteOrigin.Of(settings.Url);
        if (Hosts is { } hosts && !hosts.Any(host => host.Allows(origin)))
        {
            throw Refuse(
                $"Model {id} may not call {origin}, which its remote.url names: Remote__AllowedHosts does not list the host. "
                + "Add the host to Remote__AllowedHosts, or change remote.url.");
        }

        foreach (var header in settings.Headers.Keys.Append(settings.KeyHeader).OfType<string>())
        {
            if (FindHeaderProblem(header) is { } problem)
                throw Refuse($"Model {id} sets the header {header}, {problem}. Remove it from remote.headers and remote.keyHeader.");
        }

        return settings.KeySetting is { } name ? FindKey(id, name, origin) : null;
    }

    private static string? FindHeaderProblem(string header) =>
        header.Equals(HostHeader, StringComparison.OrdinalIgnoreCase) ? "which would send its calls to another server"
        : OwnHeaders.Contains(header) || header.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)
        ? "which every call sets by itself"
        : null;

    private string FindKey(ModelId id, string name, RemoteOrigin origin)
    {
        if (!Keys.TryGetValue(name, out var key))
        {
            throw Refuse(
                $"Model {id} needs the key \"{name}\", which its remote.keySetting names, and Remote__Keys__{name}__Value is not set. "
                + $"Set it, and Remote__Keys__{name}__Origin to the server that the key is for.");
        }

        return key.Origin == origin
            ? key.Value
            : throw Refuse(
                $"Model {id} may not send the key \"{name}\" to {origin}, which its remote.url names: the key is for {key.Origin}. "
                + $"Change remote.url, or Remote__Keys__{name}__Origin.");
    }

    private static InferenceException Refuse(string message) => new(InferenceError.ModelUnavailable, message);
}
