namespace Inference.Batching;

/// <summary>
/// Decides whether one more request may wait, by the time it would wait. A burst may wait for long; but once that was not
/// enough the load is above what the model can do, and a long queue would make everyone late without serving anyone more: then
/// only as much waits as keeps the slots busy, until that is enough for a while. Callers who try again at once would
/// never let that happen, few as they may be: so now and then more may wait on trial, and if that is enough for them, all is well.
/// </summary>
internal sealed class Admission(BatchPolicy policy, TimeProvider time)
{
    /// <summary>Runs that a burst may wait for where a second is short: for models whose runs take longer than 100 ms.</summary>
    private const int BurstRuns = 10;

    /// <summary>How much older measurements count with each new one.</summary>
    private const double Decay = 0.9;

    /// <summary>
    /// One measurement counts as at most so many times what they were so far: a process that stood still was no slow model.
    /// </summary>
    private const int MostGrowth = 4;

    /// <summary>Each trial comes twice as long after the one before, up to so many doublings: 64 s.</summary>
    private const int RarestTrial = 8;

    /// <summary>Each lets twice as much wait, up to so many doublings: 32 runs, for as many callers a slot.</summary>
    private const int LargestTrial = 4;

    /// <summary>
    /// When nobody waits longer than an overload allows for this long, or for as many runs as a burst may wait for, it is over.
    /// </summary>
    private static readonly TimeSpan Calm = TimeSpan.FromMilliseconds(250);

    /// <summary>A burst is over by then: who still refuses is overloaded, and let in too many before it knew.</summary>
    private static readonly TimeSpan LongestBurst = TimeSpan.FromMilliseconds(25);

    /// <summary>Estimates of shorter waits than this are noise.</summary>
    private static readonly TimeSpan LeastWait = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan LeastMemory = TimeSpan.FromSeconds(1);

    private double _drained;
    private double _drainSeconds;
    private double _drains;
    private (long At, int Items)? _lastTake;
    private long _lastDrain;

    /// <summary>When one came who would wait longer than an overload allows.</summary>
    private long? _lastLate;

    /// <summary>When the overload began, or its last trial ended.</summary>
    private long? _overloadedSince;
    private int _trials;
    private bool _shed;
    private volatile bool _isOverloaded;

    /// <summary>Whether there were more requests lately than the model can do. This may be asked without the lock.</summary>
    public bool IsOverloaded => _isOverloaded;

    /// <summary>Whether a request is refused: then when it may try again, else null.</summary>
    /// <param name="requests">Requests that wait.</param>
    /// <param name="items">The work before the new one's: items where requests share runs, runs where they do not.</param>
    /// <param name="run">
    /// What a run takes: accepted in an overload, a request waits for about one run, then for one to end, then for its own.
    /// </param>
    public TimeSpan? Refuse(int requests, long items, TimeSpan run)
    {
        var now = time.GetTimestamp();
        var calm = Max(Calm, run * BurstRuns);
        if (_lastLate is not { } last || time.GetElapsedTime(last, now) >= calm)
            (_overloadedSince, _isOverloaded) = (null, false);
        var onTrial = _overloadedSince is { } since && time.GetElapsedTime(since, now) >= calm * (1 << Math.Min(_trials, RarestTrial));
        // In an overload so little waits that a queue which drains slowly is measured no more, however fast it would drain by now.
        if (time.GetElapsedTime(_lastDrain, now) > Memory(run))
            (_drained, _drainSeconds, _drains) = (0, 0, 0);
        var wait = EstimateWait(items);
        if (wait > Longest(run))
            _lastLate = now;
        if (requests < policy.QueueLimit && wait <= Limit(run, onTrial))
            return null;

        _lastLate = now;
        if (_overloadedSince is null || onTrial)
            (_overloadedSince, _isOverloaded, _trials, _shed) = (now, true, onTrial ? _trials + 1 : 0, false);
        return Max(wait, LeastWait);
    }

    /// <summary>
    /// Begins to shed load, once for each overload and each of its trials. Call this on a refusal. The waiting requests that an overload
    /// does not allow are then refused as well, because they are late already and would delay requests that are accepted after them.
    /// </summary>
    /// <returns>Whether the late requests are to be refused now.</returns>
    public bool TryBeginShedding()
    {
        if (_shed || _overloadedSince is not { } since || (_trials == 0 && time.GetElapsedTime(since) < LongestBurst))
            return false;
        return _shed = true;
    }

    /// <summary>Whether a request behind so many items waits for longer than one may in an overload.</summary>
    public bool IsLate(long items, TimeSpan run) => EstimateWait(items) > Longest(run);

    /// <summary>
    /// Measures how fast the queue drains: only from one take to the next with a queue in between. The larger of the two counts, because it
    /// shows what a take can be: a first request runs alone while others come, and behind a full batch a few may be left.
    /// </summary>
    /// <param name="more">Whether items still wait.</param>
    /// <param name="run">What a run takes.</param>
    public void RecordRun(int items, bool more, TimeSpan run)
    {
        var now = time.GetTimestamp();
        // Longer than that the queue was empty, because its callers left, or the process stood still.
        if (_lastTake is { } last && time.GetElapsedTime(last.At, now) is var between && between <= Memory(run))
        {
            _drained = (_drained * Decay) + Math.Max(last.Items, items);
            var most = _drains > 0 ? Math.Max(MostGrowth * _drainSeconds / _drains, (run * BurstRuns).TotalSeconds) : double.MaxValue;
            _drainSeconds = (_drainSeconds * Decay) + Math.Min(between.TotalSeconds, most);
            _drains = (_drains * Decay) + 1;
            _lastDrain = now;
        }

        _lastTake = more ? (now, items) : null;
    }

    private TimeSpan Limit(TimeSpan run, bool onTrial)
    {
        var burst = Max(policy.MaxWait, run * BurstRuns);
        if (_overloadedSince is null)
            return burst;
        var less = Longest(run) * (onTrial ? 2 << Math.Min(_trials, LargestTrial) : 1);
        return less < burst ? less : burst;
    }

    private TimeSpan EstimateWait(long items) => _drained > 0 ? TimeSpan.FromSeconds(items * _drainSeconds / _drained) : TimeSpan.Zero;

    /// <summary>What was measured longer ago says nothing of now.</summary>
    private static TimeSpan Memory(TimeSpan run) => Max(LeastMemory, run * BurstRuns);

    private static TimeSpan Longest(TimeSpan run) => Max(run, LeastWait);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
