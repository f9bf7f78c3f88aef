using Functions.Worker.Hosting;
using Microsoft.Extensions.Configuration;

namespace Functions.Worker.Standalone.Queues;

/// <summary>Resolves the names of queues, and checks them according to Azure Storage's rules.</summary>
internal static class QueueName
{
    private const string PoisonSuffix = "-poison";
    private const string FailedSuffix = "-failed";

    /// <summary>
    /// Replaces each <c>%setting%</c> by the value of the setting with exactly this name, and converts the queue name to lower case. A
    /// Functions host does the same.
    /// </summary>
    /// <param name="writtenName">The name as written in the attribute.</param>
    /// <exception cref="StartupException">A percent sign has no partner, a setting is missing, or a name is not valid.</exception>
    public static string Resolve(string function, string writtenName, IConfiguration configuration)
    {
        var parts = writtenName.Split('%');
        // Parts between two percent signs have odd indices.
        if (parts.Length % 2 == 0)
            throw new StartupException($"Function {function}: the queue name '{writtenName}' has an unmatched %.");
        for (var i = 1; i < parts.Length; i += 2)
            parts[i] = GetSetting(function, writtenName, parts[i], configuration);

#pragma warning disable CA1308 // Queue names are lower case.
        var name = string.Concat(parts).ToLowerInvariant();
#pragma warning restore CA1308
        return IsValid(name)
            ? name
            : throw new StartupException(
                $"Function {function}: '{name}', from '{writtenName}', is not a queue name: "
                + "3 to 63 letters, digits and single hyphens, no hyphen at an end.");
    }

    /// <summary>
    /// Returns the name of a queue's poison queue. Returns null for a poison queue, or if the name of the poison queue would be too long.
    /// </summary>
    public static string? FindPoisonName(string name) =>
        !name.EndsWith(PoisonSuffix, StringComparison.Ordinal) && IsValid(name + PoisonSuffix) ? name + PoisonSuffix : null;

    /// <summary>
    /// Returns the name of a queue's final queue, in which its failed messages stay. For a normal queue, this is the poison queue; null if
    /// the name of the poison queue would be too long. For a poison queue, this is the queue with <see cref="FailedSuffix"/>, to which the
    /// function of the poison queue sends its messages.
    /// </summary>
    public static string? FindFinalName(string name) => name.EndsWith(PoisonSuffix, StringComparison.Ordinal)
        ? name[..^PoisonSuffix.Length] + FailedSuffix
        : FindPoisonName(name);

    private static string GetSetting(string function, string writtenName, string setting, IConfiguration configuration)
    {
        if (setting.Contains("__", StringComparison.Ordinal))
        {
            throw new StartupException(
                $"Function {function}: its queue is named '{writtenName}', and a Functions host finds no setting with '__' in its name: "
                + $"write '%{setting.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)}%'.");
        }

        return configuration[setting] is { Length: > 0 } value
            ? value
            : throw new StartupException($"Function {function}: its queue is named '{writtenName}', and the setting {ToVariableName(setting)} is not set.");
    }

    /// <summary>Returns the setting's name as an environment variable.</summary>
    private static string ToVariableName(string setting) => setting.Replace(ConfigurationPath.KeyDelimiter, "__", StringComparison.Ordinal);

    private static bool IsValid(string name) =>
        name.Length is >= 3 and <= 63
        && name[0] != '-' && name[^1] != '-'
        && !name.Contains("--", StringComparison.Ordinal)
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
