using System.Diagnostics.Metrics;
using Inference.Diagnostics;

namespace Functions.Hosting.Telemetry;

/// <summary>Counts the errors of the last hour by code and minute. The set of error codes is fixed, so the memory is bounded.</summary>
public sealed class ErrorHistory : IDisposable
{
    private const int MinuteCount = 60;

    private readonly TimeProvider _time;
    private readonly MeterListener _listener = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long>[] _countsByMinute =
        [.. Enumerable.Range(0, MinuteCount).Select(static _ => new Dictionary<string, long>())];

    /// <summary>The minute of the newest counts, in minutes since the year 1.</summary>
    private long _newestMinute;

    /// <summary>Starts to count the errors sent to callers.</summary>
    public ErrorHistory(TimeProvider time)
    {
        _time = time;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == InferenceMetrics.MeterName && instrument.Name == InferenceMetrics.ErrorsName)
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, tags, _) => Add(tags, count));
        _listener.Start();
    }

    /// <summary>Returns the codes with their counts, the most frequent first.</summary>
    public IReadOnlyList<(string Code, long Count)> CountLastHour()
    {
        lock (_gate)
        {
            ClearOldMinutes();
            return
            [
                .. _countsByMinute.SelectMany(static minute => minute).GroupBy(static entry => entry.Key, static entry => entry.Value)
                    .Select(static code => (code.Key, Count: code.Sum())).OrderByDescending(static code => code.Count)
                    .ThenBy(static code => code.Key, StringComparer.Ordinal),
            ];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(ReadOnlySpan<KeyValuePair<string, object?>> tags, long count)
    {
        if (tags is not [{ Value: string code }, ..])
            return;
        lock (_gate)
        {
            ClearOldMinutes();
            var minute = _countsByMinute[_newestMinute % MinuteCount];
            minute[code] = minute.GetValueOrDefault(code) + count;
        }
    }

    /// <summary>
    /// Clears the entries of the minutes that began after the last call. These entries still hold counts that are at least an hour old.
    /// </summary>
    private void ClearOldMinutes()
    {
        var now = _time.GetUtcNow().Ticks / TimeSpan.TicksPerMinute;
        for (var minute = Math.Max(_newestMinute + 1, now - MinuteCount + 1); minute <= now; minute++)
            _countsByMinute[minute % MinuteCount].Clear();
        _newestMinute = Math.Max(_newestMinute, now);
    }
}
