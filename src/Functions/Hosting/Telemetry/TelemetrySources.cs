using System.Reflection;
using Inference.Diagnostics;
using Microsoft.Extensions.Configuration;
using OpenTelemetry;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Functions.Hosting.Telemetry;

/// <summary>The sources and the resource attributes of the telemetry.</summary>
internal static class TelemetrySources
{
    /// <summary>The web server's source of spans.</summary>
    public const string Server = "Microsoft.AspNetCore";

    public static string Version { get; } =
        typeof(TelemetrySources).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The engine's, the worker's, and the runtime's own: processor, memory, garbage collection.</summary>
    public static string[] Meters { get; } = [InferenceMetrics.MeterName, "Functions.Worker", "System.Runtime"];

    /// <summary>A Functions host sets this, and our server is there for it alone.</summary>
    public static bool IsUnderHost(IConfiguration configuration) => configuration["FUNCTIONS_WORKER_DIRECTORY"] is not null;

    /// <summary>Adds the resource, the spans and the metrics that every exporter gets.</summary>
    public static OpenTelemetryBuilder AddSources(this OpenTelemetryBuilder telemetry, IConfiguration configuration) => telemetry
        .ConfigureResource(resource => resource.AddService(ServiceName(configuration), serviceVersion: Version))
        .WithTracing(tracing => tracing.AddSource(Activities(configuration)).AddProcessor(new ProbeFilter()))
        .WithMetrics(metrics => metrics.AddMeter(Meters));

    /// <summary>As its variable says, or else as the site in Azure is called.</summary>
    private static string ServiceName(IConfiguration configuration) =>
        configuration["OTEL_SERVICE_NAME"] ?? configuration["WEBSITE_SITE_NAME"] ?? "inference-functions";

    /// <summary>Invocations are the worker's to tell of; the server's own spans would be the same once more under a host.</summary>
    private static string[] Activities(IConfiguration configuration)
    {
        string[] sources = [InferenceActivities.SourceName, "Microsoft.Azure.Functions.Worker"];
        return IsUnderHost(configuration) ? sources : [.. sources, Server];
    }
}
