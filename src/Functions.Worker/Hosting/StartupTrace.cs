using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;

namespace Functions.Worker.Hosting;

/// <summary>
/// Records the stages of a start as times since the process began. The times are exact to about 10 ms, because the system records the
/// beginning of a process with this precision. The metric worker.startup.duration contains the times. With --startup-trace, each stage is
/// also written to stderr when it is reached.
/// </summary>
internal sealed class StartupTrace
{
    /// <summary>The name of the worker's meter.</summary>
    public const string MeterName = "Functions.Worker";

    private readonly ConcurrentQueue<(string Stage, long Timestamp)> _stages = new();
    private int _isOver;

    public StartupTrace(bool writesToStderr)
    {
        WritesToStderr = writesToStderr;
        new Meter(MeterName)
            .CreateObservableGauge(
                "worker.startup.duration", Observe, "s", "The time from the creation of the process to a stage of its start.");
    }

    /// <summary>Whether each stage is also written to stderr when it is reached.</summary>
    public bool WritesToStderr { get; }

    public void Mark(string stage)
    {
        _stages.Enqueue((stage, Stopwatch.GetTimestamp()));
        if (WritesToStderr)
        {
            Console.Error.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"startup {GetTimeSinceStart().TotalMilliseconds,6:F0} ms  {stage}"));
        }
    }

    /// <summary>Records the last stage. Only the first call has an effect.</summary>
    public void End(string stage)
    {
        if (_isOver == 0 && Interlocked.Exchange(ref _isOver, 1) == 0)
            Mark(stage);
    }

    private static TimeSpan GetTimeSinceStart()
    {
        using var process = Process.GetCurrentProcess();
        return TimeProvider.System.GetUtcNow() - process.StartTime;
    }

    private IEnumerable<Measurement<double>> Observe()
    {
        var (now, sinceStart) = (Stopwatch.GetTimestamp(), GetTimeSinceStart());
        foreach (var (stage, timestamp) in _stages)
        {
            yield return new(
                (sinceStart - Stopwatch.GetElapsedTime(timestamp, now)).TotalSeconds, new KeyValuePair<string, object?>("stage", stage));
        }
    }
}
