namespace Inference.Batching;

/// <summary>
/// Decides whether one more request may wait, based on its estimated wait.
/// <para>A burst of requests may wait up to <see cref="BatchPolicy.MaxWait"/>. The first refusal begins an overload: the load exceeds the
/// model's capacity.</para>
/// <para>During an overload, the queue holds only as many requests as keep the slots busy. A longer queue would delay all requests without
/// serving more of them. The overload ends after <see cref="CalmTime"/> without a refused request and without a
/// late one (<see cref="IsLate"/>).</para>
/// <para>Even a few callers could keep an overload alive by retrying at once. From time to time, a trial therefore admits requests with a
/// longer estimated wait. Each trial doubles the limit of the wait. When the limit admits all these callers, the refusals stop.</para>
/// </summary>
internal sealed class Admission(BatchPolicy policy, TimeProvider time)
{
    /// <summary>A burst may wait for the duration of this many runs, if that is longer than <see cref="BatchPolicy.MaxWait"/>.</summary>
    private const int BurstRuns = 10;

    /// <summary>The factor by which each new measurement reduces the weight of the older ones.</summary>
    private const double Decay = 0.9;

    /// <summary>
    /// The maximum ratio of a measured time between two batches to the average time. A longer time may come from a suspended process
    /// instead of a slow model. Such a time counts as this many times the average, or as the duration of <see cref="BurstRuns"/> runs if
    /// that is longer.
    /// </summary>
    private const int MaxGrowth = 4;

    /// <summary>
    /// The maximum number of doublings of the interval between trials. The interval grows from <see cref="CalmTime"/> to 64 s.
    /// </summary>
    private const int MaxIntervalDoublings = 8;

    /// <summary>
    /// The maximum number of times that the limit of a trial doubles. The limit grows from the duration of 2 runs to the duration of 32
    /// runs. The highest limit admits 32 callers per slot.
    /// </summary>
    private const int MaxLimitDoublings = 4;

    /// <summary>
    /// An overload ends when no request was late or refused for this time, or for the time of <see cref="BurstRuns"/> runs if that is
    /// longer.
    /// </summary>
    private static readonly TimeSpan CalmTime = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// The time within which all requests of a burst arrive. A refusal after this time shows a lasting overload. The late requests, which
    /// were admitted before the overload, are then refused too.
    /// </summary>
    private static readonly TimeSpan BurstDuration = TimeSpan.FromMilliseconds(25);

    /// <summary>The minimum of every wait limit and retry delay. Shorter waits cannot be estimated precisely.</summary>
    private static readonly TimeSpan MinWait = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan MinMeasurementLifetime = TimeSpan.FromSeconds(1);

    // Sums over the measured intervals between two batches: the items that left the queue, the seconds, and the number of intervals. Older
    // intervals weigh less.
    private double _measuredItems;
    private double _measuredSeconds;
    private double _measuredIntervals;

    /// <summary>The time and the number of items of the last batch; null when no items waited after the batch.</summary>
    private (long At, int Items)? _lastRun;

    /// <summary>The timestamp of the last counted interval.</summary>
    private long _lastMeasured;

    /// <summary>The time of the last request that was refused, or that would wait longer than an overload allows.</summary>
    private long? _lastLate;

    /// <summary>The time when the overload began, or when its last trial ended.</summary>
    private long? _overloadedSince;

    /// <summary>The number of trials of this overload that ended with a refusal.</summary>
    private int _trials;
    /// <summary>Whether the late requests were refused in this overload, or in its last trial.</summary>
    private bool _hasShed;
    private volatile bool _isOverloaded;

    /// <summary>Whether requests exceeded the model's capacity lately. No lock is needed to read this property.</summary>
    public bool IsOverloaded => _isOverloaded;

    /// <summary>Decides whether one more request may wait.</summary>
    /// <param name="waitingRequests">The number of waiting requests.</param>
    /// <param name="workAhead">The work ahead of the new request. The unit is an item if requests share runs, otherwise a run.</param>
    /// <param name="typicalRun">
    /// The typical duration of a run. During an overload, an admitted request waits about the duration of one run in the queue, then for a
    /// slot, then for its own run.
    /// </param>
    /// <param name="retryAfter">Receives how long the caller of a refused request should wait before a retry.</param>
    public bool TryAdmit(int waitingRequests, long workAhead, TimeSpan typicalRun, out TimeSpan retryAfter)
    {
        retryAfter = TimeSpan.Zero;
        var now = time.GetTimestamp();
        var calmTime = Max(CalmTime, typicalRun * BurstRuns);
        if (_lastLate is not { } lastLate || time.GetElapsedTime(lastLate, now) >= calmTime)
            (_overloadedSince, _isOverloaded) = (null, false);
        var isTrial = _overloadedSince is { } since
            && time.GetElapsedTime(since, now) >= calmTime * (1 << Math.Min(_trials, MaxIntervalDoublings));
        // Drops old measurements. During an overload, the queue is often too short to be measured, so an old slow measurement would never
        // be corrected.
        if (time.GetElapsedTime(_lastMeasured, now) > GetMeasurementLifetime(typicalRun))
            (_measuredItems, _measuredSeconds, _measuredIntervals) = (0, 0, 0);
        var wait = EstimateWait(workAhead);
        if (wait > GetOverloadWait(typicalRun))
            _lastLate = now;
        if (waitingRequests < policy.QueueLimit && wait <= GetMaxWait(typicalRun, isTrial))
            return true;

        _lastLate = now;
        if (_overloadedSince is null || isTrial)
            (_overloadedSince, _isOverloaded, _trials, _hasShed) = (now, true, isTrial ? _trials + 1 : 0, false);
        retryAfter = Max(wait, MinWait);
        return false;
    }

    /// <summary>
    /// Decides whether the late waiting requests are refused as well (load shedding), because they would delay the requests behind them.
    /// Call this on a refusal. The result is true at most once for each overload and each of its trials.
    /// </summary>
    /// <returns>Whether the caller must refuse the late requests now.</returns>
    public bool TryBeginShedding()
    {
        if (_hasShed || _overloadedSince is not { } since || (_trials == 0 && time.GetElapsedTime(since) < BurstDuration))
            return false;
        return _hasShed = true;
    }

    /// <summary>Whether a request behind this much work would wait longer than an overload allows.</summary>
    public bool IsLate(long workAhead, TimeSpan typicalRun) => EstimateWait(workAhead) > GetOverloadWait(typicalRun);

    /// <summary>
    /// Measures how fast the queue drains: the time between two batches while requests wait, and the items of the larger batch. The larger
    /// batch shows the capacity of a run. The smaller batch may be small by chance: a first request runs alone, and a full batch may leave
    /// few requests.
    /// </summary>
    /// <param name="items">The number of items of the batch.</param>
    /// <param name="hasMore">Whether items still wait.</param>
    /// <param name="typicalRun">The typical duration of a run.</param>
    public void RecordRun(int items, bool hasMore, TimeSpan typicalRun)
    {
        var now = time.GetTimestamp();
        // An interval beyond the lifetime is not counted. During such an interval, all callers had cancelled and the queue was empty, or
        // the process was suspended.
        if (_lastRun is { } last && time.GetElapsedTime(last.At, now) is var interval && interval <= GetMeasurementLifetime(typicalRun))
        {
            _measuredItems = (_measuredItems * Decay) + Math.Max(last.Items, items);
            var maxSeconds = _measuredIntervals > 0
                ? Math.Max(MaxGrowth * _measuredSeconds / _measuredIntervals, (typicalRun * BurstRuns).TotalSeconds)
                : double.MaxValue;
            _measuredSeconds = (_measuredSeconds * Decay) + Math.Min(interval.TotalSeconds, maxSeconds);
            _measuredIntervals = (_measuredIntervals * Decay) + 1;
            _lastMeasured = now;
        }

        _lastRun = hasMore ? (now, items) : null;
    }

    private TimeSpan GetMaxWait(TimeSpan typicalRun, bool isTrial)
    {
        var burst = Max(policy.MaxWait, typicalRun * BurstRuns);
        if (_overloadedSince is null)
            return burst;
        var overload = GetOverloadWait(typicalRun) * (isTrial ? 2 << Math.Min(_trials, MaxLimitDoublings) : 1);
        return overload < burst ? overload : burst;
    }

    private TimeSpan EstimateWait(long workAhead) =>
        _measuredItems > 0 ? TimeSpan.FromSeconds(workAhead * _measuredSeconds / _measuredItems) : TimeSpan.Zero;

    /// <summary>Returns how long a measurement counts. An older measurement says nothing about the current load.</summary>
    private static TimeSpan GetMeasurementLifetime(TimeSpan typicalRun) => Max(MinMeasurementLifetime, typicalRun * BurstRuns);

    private static TimeSpan GetOverloadWait(TimeSpan typicalRun) => Max(typicalRun, MinWait);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
