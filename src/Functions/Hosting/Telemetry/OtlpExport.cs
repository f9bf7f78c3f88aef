using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;

namespace Functions.Hosting.Telemetry;

/// <summary>
/// Traces, metrics and logs by the OpenTelemetry protocol. All of its standard variables count; OTEL_EXPORTER_OTLP_ENDPOINT turns it on.
/// </summary>
internal static class OtlpExport
{
    public static bool IsConfigured(IConfiguration configuration) => configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 };

    public static void AddTo(IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(configuration);
        services.AddOpenTelemetry().AddSources(configuration).WithLogging().UseOtlpExporter();
    }
}
