using Inference.Azure.Predictions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using StorageAccounts;

namespace Functions.Hosting.Configuration;

/// <summary>
/// The defaults of settings that function bindings refer to, such as <c>%Predictions:Queue%</c>. A Functions host does not see these
/// defaults, because it resolves bindings from its own settings. The settings of the host must therefore contain explicit values.
/// </summary>
internal static class DefaultSettings
{
    /// <summary>Adds the defaults with the lowest precedence.</summary>
    public static void AddTo(IConfigurationManager configuration)
    {
        KeyValuePair<string, string?>[] defaults = [.. PredictionSettings.Defaults, .. StorageAccount.GetDataDefaults(configuration)];
        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = defaults });
    }
}
