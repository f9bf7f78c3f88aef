namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// How long to wait before the next poll of a queue. It is the Functions host's randomized exponential backoff, which keeps processes that
/// poll one queue from polling at the same time.
/// </summary>
internal sealed class PollingDelay(TimeSpan maximum)
{
    private const double Randomization = 0.2;

    private TimeSpan _growth;

    /// <summary>The first wait after a message was found.</summary>
    public static TimeSpan Minimum { get; } = TimeSpan.FromMilliseconds(100);

    public TimeSpan Next()
    {
        var factor = 1 - Randomization + (Random.Shared.NextDouble() * 2 * Randomization);
        var delay = Minimum + (_growth * factor);
        if (delay >= maximum)
            return maximum;

        _growth = _growth == TimeSpan.Zero ? Minimum : _growth * 2;
        return delay;
    }

    public void Reset() => _growth = TimeSpan.Zero;
}
