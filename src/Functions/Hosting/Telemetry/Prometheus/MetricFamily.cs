using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>All series of one instrument. A series is the value for one set of labels.</summary>
internal sealed class MetricFamily
{
    /// <summary>
    /// The maximum number of series, which is more than any set of models needs. More series mean that a label has unbounded values. The
    /// measurements for the excess series go to one overflow series.
    /// </summary>
    private const int MaxSeries = 2000;

    private static readonly KeyValuePair<string, object?>[] OverflowLabels = [new("otel_metric_overflow", true)];

    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], MetricSeries> _series = new(new LabelComparer());
    private readonly double[] _bounds;
    private readonly MetricSeries _overflow;
    private readonly bool _isObservable;

    /// <summary>The cache of series; null for an observable instrument, whose series are removed before each observation.</summary>
    private readonly RecentSeries? _recent;

    /// <summary>
    /// The number of series without the overflow series. The dictionary's own count would lock the whole dictionary for each measurement
    /// beyond the maximum.
    /// </summary>
    private int _seriesCount;

    public MetricFamily(Instrument instrument)
    {
        Kind = KindOf(instrument);
        Name = MetricNames.CreateName(instrument.Name, instrument.Unit, Kind);
        Help = instrument.Description ?? "";
        _bounds = [.. (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? []];
        _isObservable = instrument.IsObservable;
        _recent = _isObservable ? null : new RecentSeries();
        _overflow = new MetricSeries("otel_metric_overflow=\"true\"", _bounds);
    }

    /// <summary>The name in Prometheus.</summary>
    public string Name { get; }

    public string Help { get; }

    public MetricKind Kind { get; }

    /// <summary>The upper bounds of a histogram's buckets, ascending; empty for other metrics.</summary>
    public IReadOnlyList<double> Bounds => _bounds;

    public IEnumerable<MetricSeries> Series => _series.Values;

    /// <summary>Records a measurement. Threads can call this concurrently.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var series = _recent?.Find(labels) ?? FindOrAddSeries(labels.ToArray());
        if (Kind == MetricKind.Histogram)
            series.RecordInBucket(value);
        else if (_isObservable)
            series.Set(value);
        else
            series.Add(value);
    }

    /// <summary>
    /// Removes the series of an observable instrument. Call this before each observation, so that series that no longer exist are not
    /// reported.
    /// </summary>
    public void ClearObserved()
    {
        if (!_isObservable)
            return;
        _series.Clear();
        Volatile.Write(ref _seriesCount, 0);
    }

    private MetricSeries FindOrAddSeries(KeyValuePair<string, object?>[] labels)
    {
        if (!_series.TryGetValue(labels, out var series))
        {
            if (Volatile.Read(ref _seriesCount) >= MaxSeries)
                return _series.GetOrAdd(OverflowLabels, _overflow);
            var created = new MetricSeries(MetricNames.FormatLabels(labels), _bounds);
            series = _series.GetOrAdd(labels, created);
            if (series == created)
                Interlocked.Increment(ref _seriesCount);
        }

        _recent?.Store(labels, series);
        return series;
    }

    private static MetricKind KindOf(Instrument instrument) => instrument switch
    {
        Histogram<double> => MetricKind.Histogram,
        Counter<long> or Counter<double> or ObservableCounter<long> or ObservableCounter<double> => MetricKind.Counter,
        _ => MetricKind.Gauge,
    };
}

/// <summary>The metric types of Prometheus.</summary>
internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
