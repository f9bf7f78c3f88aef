using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;

namespace Functions.Hosting.Telemetry;

/// <summary>
/// Sends traces, metrics and logs with the OpenTelemetry protocol. OTEL_EXPORTER_OTLP_ENDPOINT turns this export on. All standard variables
/// of OpenTelemetry apply.
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
