using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>All series of one instrument.</summary>
internal sealed class MetricFamily
{
    /// <summary>More than any set of models has; beyond it, labels would be a leak.</summary>
    private const int MaxSeries = 2000;

    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], MetricSeries> _series = new(new LabelComparer());
    private readonly ConcurrentDictionary<KeyValuePair<string, object?>[], MetricSeries>.AlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>> _find;
    private readonly MetricSeries _overflow;
    private readonly bool _isObserved;

    public MetricFamily(Instrument instrument)
    {
        Kind = KindOf(instrument);
        Name = MetricNames.Of(instrument.Name, instrument.Unit, Kind);
        Help = instrument.Description ?? "";
        Bounds = (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries ?? [];
        _isObserved = instrument.IsObservable;
        _overflow = new MetricSeries("otel_metric_overflow=\"true\"", Bounds);
        _find = _series.GetAlternateLookup<ReadOnlySpan<KeyValuePair<string, object?>>>();
    }

    public string Name { get; }

    public string Help { get; }

    public MetricKind Kind { get; }

    public IReadOnlyList<double> Bounds { get; }

    public IEnumerable<MetricSeries> Series => _series.Values;

    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (!_find.TryGetValue(labels, out var series))
            series = Create(labels);
        if (Kind == MetricKind.Histogram)
            series.Observe(value);
        else if (_isObserved)
            series.Set(value);
        else
            series.Add(value);
    }

    /// <summary>Before it is observed again: what is not there any more is not told of.</summary>
    public void Forget()
    {
        if (_isObserved)
            _series.Clear();
    }

    private MetricSeries Create(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        if (_series.Count < MaxSeries)
            return _series.GetOrAdd(labels.ToArray(), static (labels, bounds) => new MetricSeries(MetricNames.Labels(labels), bounds), Bounds);
        return _series.GetOrAdd([new("otel_metric_overflow", true)], _overflow);
    }

    private static MetricKind KindOf(Instrument instrument) => instrument switch
    {
        Histogram<double> => MetricKind.Histogram,
        Counter<long> or Counter<double> or ObservableCounter<long> or ObservableCounter<double> => MetricKind.Counter,
        _ => MetricKind.Gauge,
    };
}

internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}
