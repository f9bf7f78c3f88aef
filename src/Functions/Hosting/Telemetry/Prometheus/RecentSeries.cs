using System.Runtime.CompilerServices;

namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>
/// Some series by which objects their labels are: a loaded model's are the same ones each time, and to compare addresses is several times
/// faster than to hash strings. What is not found here may be there all the same. Any thread reads and writes; each place is the last
/// comer's.
/// </summary>
internal sealed class RecentSeries
{
    /// <summary>A power of two.</summary>
    private const int Places = 32;

    private readonly Entry?[] _entries = new Entry?[Places];

    public MetricSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var entry = Volatile.Read(ref _entries[PlaceOf(labels)]);
        return entry is not null && IsOf(entry, labels) ? entry.Series : null;
    }

    public void Keep(KeyValuePair<string, object?>[] labels, MetricSeries series) =>
        Volatile.Write(ref _entries[PlaceOf(labels)], new Entry(labels, series));

    private static bool IsOf(Entry entry, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var known = entry.Labels;
        if (known.Length != labels.Length)
            return false;
        for (var i = 0; i < known.Length; i++)
        {
            if (!ReferenceEquals(known[i].Value, labels[i].Value) || !ReferenceEquals(known[i].Key, labels[i].Key))
                return false;
        }

        return true;
    }

    private static int PlaceOf(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var hash = 0;
        foreach (ref readonly var label in labels)
            hash = (hash * 31) + RuntimeHelpers.GetHashCode(label.Value);
        return hash & (Places - 1);
    }

    private sealed record Entry(KeyValuePair<string, object?>[] Labels, MetricSeries Series);
}
