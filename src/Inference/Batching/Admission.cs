namespace Inference.Batching;

/// <summary>
/// Decides whether one more request may wait, by the time it would wait. A burst may wait for long; but once that was not
/// enough the load is above what the model can do, and a long queue would make everyone late without serving anyone more: then
/// only as much waits as keeps the slots busy, until nothing had to be refused for a while.
/// </summary>
internal sealed class Admission(BatchPolicy policy, TimeProvider time)
{
    /// <summary>Runs that a burst may wait for where a second is short: for models whose runs take longer than 100 ms.</summary>
    private const int BurstRuns = 10;

    /// <summary>How much older measurements count with each new one.</summary>
    private const double Decay = 0.9;

    /// <summary>Without a refusal for this long, or for as many runs as a burst may wait for, the overload is over.</summary>
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(250);

    /// <summary>Estimates of shorter waits than this are noise.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(1);

    /// <summary>One measurement counts as at most so many times what they were so far: a process that stood still was no slow model.</summary>
    private const int MostGrowth = 4;

    private double _drained;
    private double _drainSeconds;
    private double _drains;
    private long? _lastTake;
    private long? _lastRefusal;

    /// <summary>Whether a request is refused: then when it may try again, else null.</summary>
    /// <param name="requests">Requests that wait.</param>
    /// <param name="items">Items that are run before the new one's first.</param>
    /// <param name="run">What a run takes: accepted in an overload, a request waits for about one run, then for one to end, then for its own.</param>
    public TimeSpan? Refuse(int requests, long items, TimeSpan run)
    {
        var wait = EstimateWait(items);
        var overloaded = _lastRefusal is { } last && time.GetElapsedTime(last) < Max(Calm, run * BurstRuns);
        var limit = overloaded ? Max(run, LeastWait) : Max(policy.MaxWait, run * BurstRuns);
        if (requests < policy.QueueLimit && wait <= limit)
            return null;
        _lastRefusal = time.GetTimestamp();
        return Max(wait, LeastWait);
    }

    /// <summary>Measures how fast the queue drains: only from one take to the next with a queue in between.</summary>
    /// <param name="more">Whether items still wait.</param>
    /// <param name="run">What a run takes.</param>
    public void Took(int items, bool more, TimeSpan run)
    {
        var now = time.GetTimestamp();
        if (_lastTake is { } last)
        {
            _drained = (_drained * Decay) + items;
            var most = _drains > 0 ? Math.Max(MostGrowth * _drainSeconds / _drains, (run * BurstRuns).TotalSeconds) : double.MaxValue;
            _drainSeconds = (_drainSeconds * Decay) + Math.Min(time.GetElapsedTime(last, now).TotalSeconds, most);
            _drains = (_drains * Decay) + 1;
        }

        _lastTake = more ? now : null;
    }

    private TimeSpan EstimateWait(long items) => _drained > 0 ? TimeSpan.FromSeconds(items * _drainSeconds / _drained) : TimeSpan.Zero;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
