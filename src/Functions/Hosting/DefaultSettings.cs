using Inference.Azure.Predictions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Functions.Hosting;

/// <summary>
/// Settings that bindings name, and that are there even if nobody sets them. A Functions host resolves the names by its own settings: there
/// they must be set.
/// </summary>
internal static class DefaultSettings
{
    public static void AddTo(IConfigurationBuilder configuration) =>
        configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = PredictionSettings.Defaults });
}
