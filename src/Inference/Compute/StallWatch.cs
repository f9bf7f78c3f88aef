namespace Inference.Compute;

/// <summary>
/// Recognizes a governor that has stopped: slots are in use, and no run is under way. A long run is no stall. Each look compares the
/// governor with the looks before, so looks every few seconds are enough.
/// </summary>
internal sealed class StallWatch(Governor governor, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long? _since;
    private long _begun;

    /// <summary>The time since the governor was first observed stopped; zero when it works.</summary>
    public TimeSpan Look()
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
