namespace Inference.Compute;

/// <summary>
/// Detects a stalled governor: slots are in use, but no run is in progress. A long run is not a stall. Each call of <see cref="Measure"/>
/// compares the governor's progress with the progress at the previous call, so a call every few seconds is enough.
/// </summary>
internal sealed class StallWatch(Governor governor, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long? _since;
    private long _begun;

    /// <summary>
    /// Returns how long the governor has been stalled, counted from the first call that found the stall; zero when it is not stalled.
    /// </summary>
    public TimeSpan Measure()
    {
        var (isStalled, begun) = governor.Progress;
        lock (_gate)
        {
            if (!isStalled)
            {
                _since = null;
                return TimeSpan.Zero;
            }

            if (_since is null || begun != _begun)
                (_since, _begun) = (time.GetTimestamp(), begun);
            return time.GetElapsedTime(_since.Value);
        }
    }
}
