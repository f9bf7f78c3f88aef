using Inference.Models.Settings;

namespace Functions.Hosting.Configuration;

/// <summary>The settings that the server reads, and suggestions for misspelt names. docs/settings.md describes every setting.</summary>
internal static class KnownSettings
{
    /// <summary>
    /// Stands for a part of a setting's name that the user chooses, such as <c>triton</c> in <c>Remote:Keys:triton:Value</c>.
    /// </summary>
    private const string AnyPart = "*";

    /// <summary>The keys of the settings whose values cannot contain a secret.</summary>
    public static readonly List<string> NonSecret =
    [
        "Predictions:Queue", "Predictions:ResultsQueue", "Predictions:Container", "Predictions:RequestContainers",
        "Predictions:ResultTimeToLive", "Grpc:Urls", "Http:Cors:Origins", "Remote:AllowedHosts",
    ];

    /// <summary>The keys of the settings whose values may contain a secret.</summary>
    private static readonly List<string> Secret =
        ["Keys:Function", "Keys:Admin", $"Remote:Keys:{AnyPart}:Value", $"Remote:Keys:{AnyPart}:Origin"];

    // The definitions stand between the lists that they extend and the array that contains them: C# initializes fields in this order.
    public static readonly Setting ModelsSource = Define(Secret, "Models:Source");
    public static readonly Setting CacheDirectory = Define(NonSecret, "Models:CacheDirectory");
    public static readonly Setting ShareOptimized = Define(NonSecret, "Models:ShareOptimized");
    public static readonly Setting ReloadInterval = Define(NonSecret, "Models:ReloadInterval");
    public static readonly Setting MemoryBudget = Define(NonSecret, "Models:MemoryBudget");
    public static readonly Setting Trial = Define(NonSecret, "Models:Trial");
    public static readonly Setting RequireManifest = Define(NonSecret, "Models:RequireManifest");
    public static readonly Setting PublicKey = Define(Secret, "Models:PublicKey");
    public static readonly Setting MinimumVersions = Define(NonSecret, "Models:MinimumVersions");
    public static readonly Setting BasePath = Define(NonSecret, "Http:BasePath");
    public static readonly Setting RequestMemoryBudget = Define(NonSecret, "Http:MemoryBudget");
    public static readonly Setting MaxConnections = Define(NonSecret, "Http:MaxConnections");
    public static readonly Setting MaxBodySize = Define(NonSecret, "Http:MaxBodySize");

    /// <summary>
    /// The keys of the settings in the sections that only this server reads. The parts of a key are separated by colons, as in
    /// <c>Models:Source</c>.
    /// </summary>
    public static readonly string[] Names = [.. NonSecret.Concat(Secret).Order(StringComparer.Ordinal)];

    /// <summary>
    /// The settings of storage accounts. A part from <see cref="AccountParts"/> may follow a name, as in
    /// <c>InferenceStorage:accountName</c>. Some parts are read by the Functions host, but not by this server.
    /// </summary>
    public static readonly string[] AccountSettings = ["AzureWebJobsStorage", "InferenceStorage"];

    private static readonly string[] AccountParts =
    [
        "accountName", "blobServiceUri", "queueServiceUri", "tableServiceUri", "fileServiceUri", "serviceUri", "endpoint",
        "credential", "clientId", "clientSecret", "tenantId",
        "managedIdentityResourceId", "managedIdentityObjectId", "azureCloud",
    ];

    /// <summary>The prefixes of settings that other components define and that affect this server.</summary>
    private static readonly string[] ForeignPrefixes =
    [
        "AzureWebJobs", "AzureFunctionsJobHost:", "InferenceStorage", "Logging:", "OTEL_", "APPLICATIONINSIGHTS_", "WEBSITE_SITE_NAME",
    ];

    /// <summary>The sections that only this server reads.</summary>
    public static IReadOnlyCollection<string> Sections { get; } = [.. Names.Select(GetFirstPart).Distinct()];

    /// <summary>
    /// Whether the command line accepts a setting: one in a section of the server, or one of another component that affects this server.
    /// </summary>
    public static bool IsServerSetting(string key) =>
        (Contains(Sections, GetFirstPart(key)) && key.Contains(':', StringComparison.Ordinal))
        || Array.Exists(ForeignPrefixes, prefix => key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Describes an unknown setting, with a suggestion. Returns null when the setting is known, or does not belong to this server.
    /// </summary>
    /// <param name="key">The name with a colon between its parts.</param>
    public static string? FindProblem(string key)
    {
        var (section, rest) = (GetFirstPart(key), GetRest(key));
        if (rest.Length > 0 && Contains(AccountSettings, section))
            return Contains(AccountParts, rest) ? null : DescribeUnknown(key, SuggestPart(section, rest));
        if (rest.Length > 0 && Contains(Sections, section))
        {
            return IsKnown(key) ? null
                : DescribeUnknown(key, ProblemText.SuggestSimilar(Setting.ToEnvironmentName(key), [.. Names.Select(ReplaceAnyPart)]));
        }

        return (FindSimilar(key, section, rest) ?? FindAccount(section, rest)) is { } intended
            ? DescribeUnknown(key, ProblemText.DidYouMean(Setting.ToEnvironmentName(intended)))
            : null;

        // The suggestion keeps the part of the name that the user chose.
        string ReplaceAnyPart(string name) =>
            Setting.ToEnvironmentName(name).Replace(AnyPart, key.Split(':').ElementAtOrDefault(2) ?? "<name>", StringComparison.Ordinal);
    }

    /// <summary>Defines a setting that this project reads. The lists begin with the settings that other projects read.</summary>
    /// <param name="keys"><see cref="NonSecret"/> or <see cref="Secret"/>.</param>
    private static Setting Define(List<string> keys, string key)
    {
        keys.Add(key);
        return new Setting(key);
    }

    /// <summary>Finds the intended setting for a misspelt section or for other separators, such as MODELS_SOURCE.</summary>
    private static string? FindSimilar(string key, string section, string rest)
    {
        var separated = key.Replace('_', ':').Replace('.', ':').Replace('-', ':');
        return Array.Find(
            Names,
            name => name.Equals(separated, StringComparison.OrdinalIgnoreCase)
                || (rest.Length > 0
                    && rest.Equals(GetRest(name), StringComparison.OrdinalIgnoreCase)
                    && ProblemText.SuggestSimilar(section, [GetFirstPart(name)]).Length > 0));
    }

    /// <summary>Finds the intended storage account for a misspelt name, with or without a part.</summary>
    private static string? FindAccount(string section, string rest) =>
        !Contains(AccountSettings, section)
        && (rest.Length == 0 || Contains(AccountParts, rest))
        && Array.Find(AccountSettings, account => IsSimilar(section, account)) is { } intended
            ? $"{intended}{(rest.Length > 0 ? ":" : "")}{rest}"
            : null;

    /// <summary>
    /// Whether two names are similar. For names that begin with AzureWebJobs only the rest is compared, because the Functions host has
    /// other settings with that prefix.
    /// </summary>
    private static bool IsSimilar(string name, string account)
    {
        const string HostPrefix = "AzureWebJobs";
        var hasPrefix = name.StartsWith(HostPrefix, StringComparison.OrdinalIgnoreCase)
            && account.StartsWith(HostPrefix, StringComparison.Ordinal);
        var start = hasPrefix ? HostPrefix.Length : 0;
        return ProblemText.SuggestSimilar(name[start..], [account[start..]]).Length > 0;
    }

    /// <summary>
    /// Suggests the right name for a part. For <c>connectionString</c>, suggests the setting's name without a part, because a connection
    /// string is the value of the setting itself.
    /// </summary>
    private static string SuggestPart(string section, string rest)
    {
        const string ConnectionString = "connectionString";
        var suggestion = ProblemText.SuggestSimilar(rest, [.. AccountParts, ConnectionString]);
        return suggestion.Replace(ConnectionString, section, StringComparison.Ordinal) is var withoutPart && withoutPart != suggestion
            ? withoutPart
            : suggestion.Replace(" \"", $" \"{section}__", StringComparison.Ordinal);
    }

    private static bool IsKnown(string key)
    {
        var parts = key.Split(':');
        return Array.Exists(Names, name => name.Split(':') is var known
            && known.Length == parts.Length
            && known.Zip(parts).All(pair => pair.First == AnyPart || pair.First.Equals(pair.Second, StringComparison.OrdinalIgnoreCase)));
    }

    private static string DescribeUnknown(string key, string advice) =>
        $"The setting \"{Setting.ToEnvironmentName(key)}\" is unknown and has no effect.{advice}";

    private static bool Contains(IEnumerable<string> names, string name) => names.Contains(name, StringComparer.OrdinalIgnoreCase);

    private static string GetFirstPart(string key) => key.IndexOf(':', StringComparison.Ordinal) is var end and > 0 ? key[..end] : key;

    private static string GetRest(string key) =>
        key.IndexOf(':', StringComparison.Ordinal) is var end and > 0 ? key[(end + 1)..] : "";
}
