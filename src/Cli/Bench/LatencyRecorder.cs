namespace Cli.Bench;

/// <summary>
/// Collects the latencies and failures of all callers. A window contains the requests that ended between two calls of <see cref="Take"/>.
/// </summary>
internal sealed class LatencyRecorder
{
    private readonly Lock _lock = new();
    private List<double> _latencies = [];
    private long _failures;
    private string? _firstFailure;
    private long _start = TimeProvider.System.GetTimestamp();

    /// <summary>Adds the latency of a successful request.</summary>
    public void Add(double milliseconds)
    {
        lock (_lock)
            _latencies.Add(milliseconds);
    }

    /// <summary>Counts a failed request. Only the first reason in a window is kept.</summary>
    public void AddFailure(string reason)
    {
        lock (_lock)
        {
            _failures++;
            _firstFailure ??= reason;
        }
    }

    /// <summary>Returns the window that began with the last call, and begins the next window.</summary>
    public Window Take()
    {
        lock (_lock)
        {
            var now = TimeProvider.System.GetTimestamp();
            var latencies = _latencies.ToArray();
            Array.Sort(latencies);
            var window = new Window(latencies, _failures, _firstFailure, TimeProvider.System.GetElapsedTime(_start, now));
            (_latencies, _failures, _firstFailure, _start) = ([], 0, null, now);
            return window;
        }
    }
}
