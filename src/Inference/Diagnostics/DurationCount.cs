namespace Inference.Diagnostics;

/// <summary>The number and the total duration of some events.</summary>
public sealed class DurationCount
{
    private long _count;
    private long _ticks;

    /// <summary>The number of events.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The total duration of the events.</summary>
    public TimeSpan Total => TimeSpan.FromTicks(Volatile.Read(ref _ticks));

    internal void Add(TimeSpan duration)
    {
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _ticks, duration.Ticks);
    }

    /// <summary>Adds time to an event that was counted before.</summary>
    internal void Extend(TimeSpan duration) => Interlocked.Add(ref _ticks, duration.Ticks);
}
