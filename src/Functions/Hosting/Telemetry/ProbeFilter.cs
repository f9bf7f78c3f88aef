using System.Diagnostics;
using OpenTelemetry;

namespace Functions.Hosting.Telemetry;

/// <summary>Drops the spans of probes and scrapes, which are the most frequent requests of an idle app and of no interest.</summary>
internal sealed class ProbeFilter : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Source.Name == TelemetrySources.WebServer && data.GetTagItem("url.path") is string path && IsProbe(path))
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }

    private static bool IsProbe(string path) =>
        path == "/metrics" || path.StartsWith("/health/", StringComparison.Ordinal)
            || path.StartsWith("/v2/health/", StringComparison.Ordinal);
}
