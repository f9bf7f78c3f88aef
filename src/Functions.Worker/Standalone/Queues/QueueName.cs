using Functions.Worker.Hosting;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Standalone.Queues;

/// <summary>The names of queues, with Azure Storage's rules for them.</summary>
internal static class QueueName
{
    private const string PoisonSuffix = "-poison";
    private const string FailedSuffix = "-failed";

    /// <summary>
    /// Replaces each <c>%setting%</c> by its value, looked up literally as a Functions host does; capitals become small letters, as under
    /// a host.
    /// </summary>
    /// <exception cref="StartupException">A setting is not there, or the name that comes out is none.</exception>
    public static string Resolve(string function, string text, IConfiguration configuration)
    {
        var parts = text.Split('%');
        // What lies between two percent signs has an odd index.
        if (parts.Length % 2 == 0)
            throw new StartupException($"Function {function}: the queue name '{text}' has a % without its pair.");
        for (var i = 1; i < parts.Length; i += 2)
            parts[i] = Setting(function, text, parts[i], configuration);

#pragma warning disable CA1308 // Queue names are lower case.
        var name = string.Concat(parts).ToLowerInvariant();
#pragma warning restore CA1308
        return IsValid(name)
            ? name
            : throw new StartupException(
                $"Function {function}: '{name}', from '{text}', is no queue name: "
                + "3 to 63 letters, digits and single hyphens, no hyphen at an end.");
    }

    /// <summary>Null for a queue that has no poison queue: it is one, or its name is too long.</summary>
    public static string? PoisonOf(string name) =>
        !name.EndsWith(PoisonSuffix, StringComparison.Ordinal) && IsValid(name + PoisonSuffix) ? name + PoisonSuffix : null;

    /// <summary>
    /// The queue where the messages of a queue end that nobody could work on: its poison queue, and for a poison queue the queue of failed
    /// messages, which the poison queue's function fills.
    /// </summary>
    public static string? FinalOf(string name) => name.EndsWith(PoisonSuffix, StringComparison.Ordinal)
        ? name[..^PoisonSuffix.Length] + FailedSuffix
        : PoisonOf(name);

    private static string Setting(string function, string text, string setting, IConfiguration configuration)
    {
        if (setting.Contains("__", StringComparison.Ordinal))
        {
            throw new StartupException(
                $"Function {function}: its queue is named '{text}', and a Functions host finds no setting named with '__': "
                + $"write '%{setting.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)}%'.");
        }

        return configuration[setting] is { Length: > 0 } value
            ? value
            : throw new StartupException($"Function {function}: its queue is named '{text}', and the setting {Shown(setting)} is not set.");
    }

    /// <summary>Returns the name of the environment variable.</summary>
    private static string Shown(string setting) => setting.Replace(ConfigurationPath.KeyDelimiter, "__", StringComparison.Ordinal);

    private static bool IsValid(string name) =>
        name.Length is >= 3 and <= 63
        && name[0] != '-' && name[^1] != '-'
        && !name.Contains("--", StringComparison.Ordinal)
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
