namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// Computes the wait before the next poll of a queue. The wait grows exponentially and has a random part, as in the Functions host. The
/// random part keeps several processes from polling a queue at the same time.
/// </summary>
internal sealed class PollingDelay(TimeSpan maximum)
{
    /// <summary>
    /// The maximum random deviation, as a fraction of the growing part of the wait. The Functions host uses the same fraction
    /// (RandomizedExponentialBackoffStrategy of the WebJobs SDK).
    /// </summary>
    private const double Randomization = 0.2;

    private TimeSpan _growth;
    private bool _isAtMaximum;

    /// <summary>The first wait after a message was found.</summary>
    public static TimeSpan Minimum { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns the next wait. Each call returns a longer wait than the call before, up to the maximum.</summary>
    public TimeSpan Next()
    {
        if (_isAtMaximum)
            return maximum;
        var factor = 1 - Randomization + (Random.Shared.NextDouble() * 2 * Randomization);
        var delay = Minimum + (_growth * factor);
        if (delay >= maximum)
        {
            _isAtMaximum = true;
            return maximum;
        }

        _growth = _growth == TimeSpan.Zero ? Minimum : _growth * 2;
        return delay;
    }

    /// <summary>Starts again with the minimum.</summary>
    public void Reset() => (_growth, _isAtMaximum) = (TimeSpan.Zero, false);
}
