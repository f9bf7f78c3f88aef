namespace Inference.Batching;

/// <summary>The end of batches, and the detection of a stall: requests wait, but no batch ends.</summary>
internal sealed partial class PendingRequests
{
    private readonly TimeProvider _time;

    /// <summary>The timestamp at which the last batch ended; 0 before the end of the first batch. The gate guards this field.</summary>
    private long _lastEnd;

    /// <summary>How long requests have waited without the end of a batch; zero when no request waits.</summary>
    public TimeSpan Stall
    {
        get
        {
            lock (_gate)
                return _waiting.OldestArrival is { } oldest ? _time.GetElapsedTime(Math.Max(oldest, _lastEnd)) : TimeSpan.Zero;
        }
    }

    /// <summary>Removes a batch that has ended.</summary>
    public void Remove(Batch batch)
    {
        lock (_gate)
        {
            _running.Remove(batch);
            _lastEnd = _time.GetTimestamp();
        }
    }
}
