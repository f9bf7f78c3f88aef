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
    public const string WebServer = "Microsoft.AspNetCore";

    /// <summary>The meters of the engine, of the worker, and of the runtime: processor, memory, garbage collection.</summary>
    public static string[] Meters { get; } = [InferenceMetrics.MeterName, "Functions.Worker", "System.Runtime"];

    /// <summary>
    /// Whether a Functions host started this process. The host sets FUNCTIONS_WORKER_DIRECTORY, and the process then serves only the host.
    /// </summary>
    public static bool IsUnderHost(IConfiguration configuration) => configuration["FUNCTIONS_WORKER_DIRECTORY"] is not null;

    /// <summary>Adds the resource, the spans and the metrics, which are the same for every exporter.</summary>
    public static OpenTelemetryBuilder AddSources(this OpenTelemetryBuilder telemetry, IConfiguration configuration) => telemetry
        .ConfigureResource(resource => resource
            .AddService(GetServiceName(configuration), serviceVersion: ServerIdentity.Version)
            // The last detector wins, so that OTEL_RESOURCE_ATTRIBUTES can replace the server's own attributes.
            .AddEnvironmentVariableDetector())
        .WithTracing(tracing => tracing.AddSource(GetActivitySources(configuration)).AddProcessor(new ProbeFilter()))
        .WithMetrics(metrics => metrics.AddMeter(Meters));

    /// <summary>
    /// Returns the value of OTEL_SERVICE_NAME. Without this variable, returns the name of the site in Azure, or else the server's name.
    /// OTEL_RESOURCE_ATTRIBUTES replaces the last two.
    /// </summary>
    private static string GetServiceName(IConfiguration configuration) =>
        configuration["OTEL_SERVICE_NAME"] is { Length: > 0 } name ? name : configuration["WEBSITE_SITE_NAME"] ?? ServerIdentity.Name;

    /// <summary>
    /// The sources of spans. Under a Functions host, the web server is no source, because the worker's span already covers each invocation.
    /// </summary>
    private static string[] GetActivitySources(IConfiguration configuration)
    {
        string[] sources = [InferenceActivities.SourceName, "Microsoft.Azure.Functions.Worker"];
        return IsUnderHost(configuration) ? sources : [.. sources, WebServer];
    }
}
