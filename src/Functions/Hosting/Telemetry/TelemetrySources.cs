using System.Reflection;
using Inference.Diagnostics;
using Microsoft.Extensions.Configuration;

namespace Functions.Hosting.Telemetry;

/// <summary>What telemetry is made of, and what it calls itself.</summary>
internal static class TelemetrySources
{
    public const string ServiceName = "inference-functions";

    public static string Version { get; } =
        typeof(TelemetrySources).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The engine's, the worker's, and the runtime's own: processor, memory, garbage collection.</summary>
    public static string[] Meters { get; } = [InferenceMetrics.MeterName, "Functions.Worker", "System.Runtime"];

    /// <summary>A Functions host sets this, and our server is there for it alone.</summary>
    public static bool IsUnderHost(IConfiguration configuration) => configuration["FUNCTIONS_WORKER_DIRECTORY"] is not null;

    /// <summary>Invocations are the worker's to tell of; the server's own spans would be the same once more under a host.</summary>
    public static string[] Activities(IConfiguration configuration)
    {
        string[] sources = [InferenceActivities.SourceName, "Microsoft.Azure.Functions.Worker"];
        return IsUnderHost(configuration) ? sources : [.. sources, "Microsoft.AspNetCore"];
    }
}
