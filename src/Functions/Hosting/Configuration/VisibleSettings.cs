using Microsoft.Extensions.Configuration;

namespace Functions.Hosting.Configuration;

/// <summary>
/// The settings to show to operators. The value of a setting is shown only if the lists of non-secret settings contain the setting;
/// otherwise <c>(set)</c> is shown.
/// </summary>
internal static class VisibleSettings
{
    private const string Hidden = "(set)";

    /// <summary>
    /// The prefixes of the settings to show. All other settings are left out, because the environment contains many unrelated variables.
    /// </summary>
    private static readonly string[] ShownPrefixes =
    [
        .. KnownSettings.Sections.Select(section => $"{section}:"),
        "AzureWebJobs", "InferenceStorage", "AzureFunctionsJobHost:", "Logging:", "OTEL_", "APPLICATIONINSIGHTS_",
    ];

    private static readonly string[] NonSecretSections = ["AzureFunctionsJobHost:extensions:queues:", "Logging:LogLevel:"];

    /// <summary>Returns the settings by the names of their environment variables.</summary>
    public static IEnumerable<(string Name, string Value)> Read(IConfiguration configuration) =>
        configuration.AsEnumerable()
            .Where(setting => !string.IsNullOrEmpty(setting.Value) && StartsWithAny(setting.Key, ShownPrefixes))
            .OrderBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase)
            .Select(setting =>
                (Setting.ToEnvironmentName(setting.Key), IsNonSecret(setting.Key) ? setting.Value! : Hidden));

    private static bool IsNonSecret(string key) =>
        KnownSettings.NonSecret.Contains(key, StringComparer.OrdinalIgnoreCase) || StartsWithAny(key, NonSecretSections);

    private static bool StartsWithAny(string key, string[] prefixes) =>
        Array.Exists(prefixes, prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
