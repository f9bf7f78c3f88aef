using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Functions.Hosting.Telemetry.Prometheus;

/// <summary>
/// Collects the measurements of this process. The registry listens from its creation on, so that the first scrape contains all earlier
/// measurements.
/// </summary>
internal sealed class MetricRegistry : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, MetricFamily> _families = new();
    private readonly Lock _gate = new();

    /// <param name="meters">The meters to listen to.</param>
    public MetricRegistry(IReadOnlyCollection<string> meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (!meters.Contains(instrument.Meter.Name))
                return;
            var family = new MetricFamily(instrument);
            _families[instrument] = family;
            listener.EnableMeasurementEvents(instrument, family);
        };
        _listener.MeasurementsCompleted = (instrument, _) => _families.TryRemove(instrument, out MetricFamily? _);
        _listener.SetMeasurementEventCallback<int>(static (_, value, labels, family) => ((MetricFamily)family!).Record(value, labels));
        _listener.SetMeasurementEventCallback<long>(static (_, value, labels, family) => ((MetricFamily)family!).Record(value, labels));
        _listener.SetMeasurementEventCallback<double>(static (_, value, labels, family) => ((MetricFamily)family!).Record(value, labels));
        _listener.Start();
    }

    /// <summary>Passes the current families, ordered by name, to a callback. Only one callback runs at a time.</summary>
    public void Read(Action<IEnumerable<MetricFamily>> read)
    {
        lock (_gate)
        {
            foreach (var family in _families.Values)
                family.ClearObserved();
            _listener.RecordObservableInstruments();
            read(_families.Values.OrderBy(family => family.Name, StringComparer.Ordinal));
        }
    }

    public void Dispose() => _listener.Dispose();
}
