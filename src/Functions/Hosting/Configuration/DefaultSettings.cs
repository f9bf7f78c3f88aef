using Inference.Azure.Predictions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using StorageAccounts;

namespace Functions.Hosting.Configuration;

/// <summary>
/// Defaults of settings that bindings name. A Functions host resolves these names from its own settings, so there they must be set.
/// </summary>
internal static class DefaultSettings
{
    public static void AddTo(IConfigurationManager configuration)
    {
        KeyValuePair<string, string?>[] defaults = [.. PredictionSettings.Defaults, .. StorageAccount.DataDefaults(configuration)];
        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = defaults });
    }
}
