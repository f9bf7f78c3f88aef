using System.Diagnostics;
using Functions.Hosting.Telemetry;

namespace Functions.Hosting;

/// <summary>The state of this process, without the state of its models.</summary>
public sealed class ProcessStatus(Readiness readiness, ErrorHistory errors, TimeProvider time)
{
    public bool IsReady => readiness.IsReady;

    /// <summary>The time since the start of the process.</summary>
    public TimeSpan Uptime
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return time.GetUtcNow() - process.StartTime;
        }
    }

    /// <summary>The codes and counts of the errors sent to callers, the most frequent first.</summary>
    public IReadOnlyList<(string Code, long Count)> ErrorsOfLastHour => errors.CountLastHour();
}
