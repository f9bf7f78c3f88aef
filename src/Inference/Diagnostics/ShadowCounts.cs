namespace Inference.Diagnostics;

/// <summary>
/// Counts the comparisons of a shadow version's outputs with the responses, since the version's current files became the shadow. Readers
/// need no lock.
/// </summary>
public sealed class ShadowCounts
{
    private long _compared;
    private long _different;
    private long _failed;
    private long _dropped;
    private double _largestDifference;

    /// <summary>The number of runs whose outputs were compared with the response.</summary>
    public long Compared => Volatile.Read(ref _compared);

    /// <summary>The number of compared runs whose outputs differed; see docs/models-versions.md.</summary>
    public long Different => Volatile.Read(ref _different);

    /// <summary>The number of runs without outputs: the version does not load, refuses the request, or fails.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>
    /// The number of requests that the shadow did not run, because too many requests waited or the shadow had no room in memory.
    /// </summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>
    /// The largest finite absolute difference between two compared floating-point elements; 0 before the first difference.
    /// </summary>
    public double LargestDifference => Volatile.Read(ref _largestDifference);

    internal void AddDropped() => Interlocked.Increment(ref _dropped);

    internal void AddFailed() => Interlocked.Increment(ref _failed);

    /// <summary>Records a comparison. Only one thread at a time may call this method.</summary>
    internal void AddCompared(bool isAlike, double largestDifference)
    {
        Volatile.Write(ref _largestDifference, Math.Max(_largestDifference, largestDifference));
        if (!isAlike)
            Interlocked.Increment(ref _different);
        Interlocked.Increment(ref _compared);
    }
}
