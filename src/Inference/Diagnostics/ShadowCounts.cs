namespace Inference.Diagnostics;

/// <summary>The results of a shadow version's runs since its files were loaded. Thread-safe for readers.</summary>
public sealed class ShadowCounts
{
    private long _compared;
    private long _different;
    private long _failed;
    private long _dropped;
    private double _largestDifference;

    /// <summary>Runs whose outputs were held against the answer.</summary>
    public long Compared => Volatile.Read(ref _compared);

    /// <summary>The compared runs whose outputs were different: see docs/models-versions.md.</summary>
    public long Different => Volatile.Read(ref _different);

    /// <summary>Runs without outputs: the version does not load, refuses the request, or fails.</summary>
    public long Failed => Volatile.Read(ref _failed);

    /// <summary>Requests that the shadow never saw, because too many waited or it has no room in memory.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Between two floating-point elements, absolute and finite; 0 before the first.</summary>
    public double LargestDifference => Volatile.Read(ref _largestDifference);

    internal void AddDropped() => Interlocked.Increment(ref _dropped);

    internal void AddFailed() => Interlocked.Increment(ref _failed);

    /// <summary>Only one thread at a time writes.</summary>
    internal void AddCompared(bool alike, double largestDifference)
    {
        Volatile.Write(ref _largestDifference, Math.Max(_largestDifference, largestDifference));
        if (!alike)
            Interlocked.Increment(ref _different);
        Interlocked.Increment(ref _compared);
    }
}
