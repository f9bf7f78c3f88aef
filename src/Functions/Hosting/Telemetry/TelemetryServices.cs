using Functions.Hosting.Telemetry.Prometheus;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Hosting.Telemetry;

/// <summary>Registers the exporters of telemetry and, in the standalone server, <c>/metrics</c>.</summary>
internal static class TelemetryServices
{
    public static void AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        if (OtlpExport.IsConfigured(configuration) || ApplicationInsightsExport.IsConfigured(configuration))
            services.AddHostedService<TelemetryExport>();
        if (TelemetrySources.IsUnderHost(configuration))
            return;
        services.AddSingleton(_ => new MetricRegistry(TelemetrySources.Meters));
        services.AddSingleton<IStartupFilter, MetricsEndpoint>();
    }
}
