using Inference.Azure.Predictions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using StorageAccounts;

namespace Functions.Hosting.Configuration;

/// <summary>
/// Settings that bindings name, and that are there even if nobody sets them. A Functions host resolves the names by its own settings: there
/// they must be set.
/// </summary>
internal static class DefaultSettings
{
    public static void AddTo(IConfigurationManager configuration)
    {
        KeyValuePair<string, string?>[] defaults = [.. PredictionSettings.Defaults, .. StorageAccount.DataDefaults(configuration)];
        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = defaults });
    }
}
