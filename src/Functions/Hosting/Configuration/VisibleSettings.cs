using Microsoft.Extensions.Configuration;

namespace Functions.Hosting.Configuration;

/// <summary>
/// The settings to show to operators. Only values of listed settings are shown, because these can contain no secret; all others are hidden.
/// </summary>
internal static class VisibleSettings
{
    private const string Hidden = "(set)";

    /// <summary>The prefixes of the settings to show. The environment contains many unrelated variables.</summary>
    private static readonly string[] ShownPrefixes =
    [
        "Models:", "Predictions:", "Http:", "Keys:", "Remote:", "AzureWebJobs", "InferenceStorage", "AzureFunctionsJobHost:", "Logging:",
        "OTEL_",
        "APPLICATIONINSIGHTS_",
    ];

    private static readonly string[] NonSecretSettings =
    [
        "Models:CacheDirectory", "Models:MemoryBudget", "Models:MinimumVersions", "Models:ReloadInterval", "Models:RequireManifest",
        "Models:Trial",
        "Predictions:Queue", "Predictions:ResultsQueue", "Predictions:Container", "Predictions:ResultTimeToLive",
        "Predictions:RequestContainers",
        "Http:BasePath", "Http:Cors:Origins", "Http:MaxBodySize", "Http:MaxConnections", "Http:MemoryBudget",
        "Remote:AllowedHosts",
    ];

    private static readonly string[] NonSecretSections = ["AzureFunctionsJobHost:extensions:queues:", "Logging:LogLevel:"];

    /// <summary>Returns the settings by the names of their environment variables.</summary>
    public static IEnumerable<(string Name, string Value)> Read(IConfiguration configuration) =>
        configuration.AsEnumerable()
            .Where(setting => !string.IsNullOrEmpty(setting.Value) && StartsWithAny(setting.Key, ShownPrefixes))
            .OrderBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase)
            .Select(setting =>
                (setting.Key.Replace(":", "__", StringComparison.Ordinal), IsNonSecret(setting.Key) ? setting.Value! : Hidden));

    private static bool IsNonSecret(string key) =>
        NonSecretSettings.Contains(key, StringComparer.OrdinalIgnoreCase) || StartsWithAny(key, NonSecretSections);

    private static bool StartsWithAny(string key, string[] prefixes) =>
        Array.Exists(prefixes, prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
