using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Azure.Storage.Queues;
using Functions.Worker.Hosting;

namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// How many messages the functions' queues and their poison queues have, as a metric. They are asked now and then, and apart from the
/// listeners: one that has all hands full, or stands still, is when the number is wanted most.
/// </summary>
internal sealed class QueueDepth : IDisposable
{
    /// <summary>Each time costs a transaction a queue.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, long> _messages = new(StringComparer.Ordinal);
    private readonly Meter _meter = new(StartupTrace.MeterName);
    private readonly TimeProvider _time;

    public QueueDepth(TimeProvider time)
    {
        _time = time;
        _meter.CreateObservableGauge("worker.queue.messages", Observe, "{message}", "Messages of a queue, about, those in work included.");
    }

    /// <param name="stop">Ends it.</param>
    public async Task WatchAsync(QueueClient[] queues, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            do
            {
                foreach (var queue in queues)
                    await AskAsync(queue, stop);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // As it was told.
        }
    }

    public void Dispose() => _meter.Dispose();

    private async Task AskAsync(QueueClient queue, CancellationToken stop)
    {
        try
        {
            var properties = await queue.GetPropertiesAsync(stop);
            _messages[queue.Name] = properties.Value.ApproximateMessagesCountLong;
        }
        catch (Exception e) when (StorageErrors.IsQueueMissing(e))
        {
            _messages[queue.Name] = 0;
        }
        catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            // The listener tells of a storage that cannot be reached. An old number would pass for a new one.
            _messages.TryRemove(queue.Name, out _);
        }
    }

    private IEnumerable<Measurement<long>> Observe() =>
        _messages.Select(queue => new Measurement<long>(queue.Value, new KeyValuePair<string, object?>("queue", queue.Key)));
}
