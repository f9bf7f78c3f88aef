using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;

namespace Inference.Remote.Access;

/// <summary>
/// Reads <c>Remote__AllowedHosts</c> and <c>Remote__Keys__&lt;name&gt;</c>. Unknown parts of a key do not prevent the start, because after
/// a rollback, settings of a newer server version may remain.
/// </summary>
public static class RemoteAccessReader
{
    private const string Value = "Value", Origin = "Origin";

    private const StringComparison IgnoreCase = StringComparison.OrdinalIgnoreCase;

    /// <summary>Reads the allowed hosts and the keys.</summary>
    /// <exception cref="InvalidOperationException">A setting is invalid. The message contains no key.</exception>
    public static RemoteAccess Read(IConfiguration configuration)
    {
        var remote = configuration.GetSection("Remote");
        return new RemoteAccess(
            RemoteAccess.Unrestricted.Keys.AddRange(
                remote.GetSection("Keys").GetChildren().Where(IsSet).Select(key => KeyValuePair.Create(key.Key, ReadKey(key)))),
            ReadHosts(remote["AllowedHosts"]));
    }

    private static bool IsSet(IConfigurationSection key) =>
        Array.Exists([key.Value, key[Value], key[Origin]], part => !string.IsNullOrWhiteSpace(part));

    private static bool IsUnknown(IConfigurationSection part) =>
        !part.Key.Equals(Value, IgnoreCase) && !part.Key.Equals(Origin, IgnoreCase);

    private static RemoteKey ReadKey(IConfigurationSection key)
    {
        var name = $"Remote__Keys__{key.Key}";
        if (!string.IsNullOrEmpty(key.Value))
        {
            throw new InvalidOperationException(
                $"{name} is a key without its server. Move the key to {name}__Value, and set {name}__Origin to the server that the key is "
                + "for, such as https://models.example.com.");
        }

        // The unknown part may be the missing part with a misspelt name.
        var hint = key.GetChildren().FirstOrDefault(IsUnknown) is { } unknown ? $" {name}__{unknown.Key} is unknown." : "";
        if (key[Value] is not { } value || string.IsNullOrWhiteSpace(value) || !value.All(letter => letter is >= ' ' and <= '~'))
            throw new InvalidOperationException($"{name}__Value is not a key: set it to printable ASCII.{hint}");
        return RemoteOrigin.ParseOrNull(key[Origin] ?? "") is { } origin
            ? new RemoteKey(value, origin)
            : throw new InvalidOperationException(
                $"{name}__Origin is \"{key[Origin]}\"; it must be the server that the key is for, as scheme://host or scheme://host:port "
                + $"without a path, such as https://models.example.com.{hint}");
    }

    private static ImmutableArray<AllowedHost>? ReadHosts(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var hosts = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return hosts.Length > 0
            ? [.. hosts.Select(ReadHost)]
            : throw new InvalidOperationException(
                "Remote__AllowedHosts names no host. Write hosts with commas between them, or remove the setting.");
    }

    private static AllowedHost ReadHost(string text) => AllowedHost.ParseOrNull(text) ?? throw new InvalidOperationException(
        $"\"{text}\" in Remote__AllowedHosts is not a host. Write models.example.com, models.example.com:8443 or *.example.com.");
}
