using System.Runtime.CompilerServices;

namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>
/// A cache of series by the object identity of their labels. A loaded model uses the same label objects each time, and comparing references
/// is several times faster than hashing strings. A series that is not in the cache can still exist in the <see cref="MetricFamily"/>.
/// Threads can read and write concurrently. Each entry holds the series that was stored last.
/// </summary>
internal sealed class RecentSeries
{
    /// <summary>The number of entries; a power of two.</summary>
    private const int EntryCount = 32;

    private readonly Entry?[] _entries = new Entry?[EntryCount];

    /// <summary>Returns the series of the labels; null when the cache does not have the series.</summary>
    public MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var entry = Volatile.Read(ref _entries[IndexOf(labels)]);
        return entry is not null && Matches(entry, labels) ? entry.Series : null;
    }

    /// <summary>Stores a series in the entry that its labels select, in place of the entry's previous series.</summary>
    public void Store(KeyValuePair<string, object?>[] labels, MetricSeries series) =>
        Volatile.Write(ref _entries[IndexOf(labels)], new Entry(labels, series));

    private static bool Matches(Entry entry, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var cached = entry.Labels;
        if (cached.Length != labels.Length)
            return false;
        for (var i = 0; i < cached.Length; i++)
        {
            if (!ReferenceEquals(cached[i].Value, labels[i].Value) || !ReferenceEquals(cached[i].Key, labels[i].Key))
                return false;
        }

        return true;
    }

    private static int IndexOf(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var hash = 0;
        foreach (ref readonly var label in labels)
            hash = (hash * 31) + RuntimeHelpers.GetHashCode(label.Value);
        return hash & (EntryCount - 1);
    }

    private sealed record Entry(KeyValuePair<string, object?>[] Labels, MetricSeries Series);
}
