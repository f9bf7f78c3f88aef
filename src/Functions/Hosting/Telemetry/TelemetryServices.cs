using Functions.Hosting.Telemetry.Prometheus;
using Inference.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Hosting.Telemetry;

/// <summary>Where what is measured and traced goes.</summary>
internal static class TelemetryServices
{
    /// <summary>The engine's, the worker's, and the runtime's own: processor, memory, garbage collection.</summary>
    private static readonly string[] Meters = [InferenceMetrics.MeterName, "Functions.Worker", "System.Runtime"];

    public static void AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton<EngineStatus>();
        // A Functions host sets this, and our server is there for it alone.
        if (configuration["FUNCTIONS_WORKER_DIRECTORY"] is not null)
            return;
        services.AddSingleton(_ => new MetricRegistry(Meters));
        services.AddSingleton<IStartupFilter, MetricsEndpoint>();
    }
}
