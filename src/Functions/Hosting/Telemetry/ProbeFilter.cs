using System.Diagnostics;
using OpenTelemetry;

namespace Functions.Hosting.Telemetry;

/// <summary>
/// Keeps probes and scrapes out of what is sent: there are more of them than of anything else in an idle app, and nobody looks at them.
/// </summary>
internal sealed class ProbeFilter : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Source.Name == TelemetrySources.Server && data.GetTagItem("url.path") is string path && IsProbe(path))
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }

    private static bool IsProbe(string path) =>
        path == "/metrics" || path.StartsWith("/health/", StringComparison.Ordinal)
            || path.StartsWith("/v2/health/", StringComparison.Ordinal);
}
