using Microsoft.Extensions.Configuration;

namespace Functions.Hosting.Configuration;

/// <summary>
/// The settings to show to operators. Only values of listed settings are shown, because these can contain no secret; all others are hidden.
/// </summary>
internal static class VisibleSettings
{
    private const string Hidden = "(set)";

    /// <summary>The prefixes of the settings to show. The environment contains many unrelated variables.</summary>
    private static readonly string[] Ours =
    [
        "Models:", "Predictions:", "Http:", "Keys:", "Remote:", "AzureWebJobs", "InferenceStorage", "AzureFunctionsJobHost:", "Logging:",
        "OTEL_",
        "APPLICATIONINSIGHTS_",
    ];

    private static readonly string[] Harmless =
    [
        "Models:CacheDirectory", "Models:MemoryBudget", "Models:MinimumVersions", "Models:ReloadInterval", "Models:RequireManifest",
        "Models:Trial",
        "Predictions:Queue", "Predictions:ResultsQueue", "Predictions:Container", "Predictions:ResultTimeToLive",
        "Predictions:RequestContainers",
        "Http:BasePath", "Http:Cors:Origins", "Http:MaxBodySize", "Http:MaxConnections", "Http:MemoryBudget",
        "Remote:AllowedHosts",
    ];

    private static readonly string[] HarmlessSections = ["AzureFunctionsJobHost:extensions:queues:", "Logging:LogLevel:"];

    /// <summary>Returns the settings by the names of their environment variables.</summary>
    public static IEnumerable<(string Name, string Value)> Of(IConfiguration configuration) =>
        configuration.AsEnumerable()
            .Where(setting => !string.IsNullOrEmpty(setting.Value) && StartsWithAny(setting.Key, Ours))
            .OrderBy(setting => setting.Key, StringComparer.OrdinalIgnoreCase)
            .Select(setting =>
                (setting.Key.Replace(":", "__", StringComparison.Ordinal), IsHarmless(setting.Key) ? setting.Value! : Hidden));

    private static bool IsHarmless(string key) =>
        Harmless.Contains(key, StringComparer.OrdinalIgnoreCase) || StartsWithAny(key, HarmlessSections);

    private static bool StartsWithAny(string key, string[] prefixes) =>
        Array.Exists(prefixes, prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
}
