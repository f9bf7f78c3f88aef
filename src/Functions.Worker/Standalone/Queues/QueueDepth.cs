using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Azure.Storage.Queues;
using Functions.Worker.Hosting;

namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// The metric worker.queue.messages: the number of messages in the queues of the functions and in their poison queues. The numbers are read
/// independently of the listeners, because they matter most when a listener is busy or blocked.
/// </summary>
internal sealed class QueueDepth : IDisposable
{
    /// <summary>The interval between two reads. Each read costs one storage transaction per queue.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The number of messages in each queue, by its address; null while unknown. Queues in several accounts may have the same name.
    /// </summary>
    private readonly ConcurrentDictionary<Uri, (string QueueName, long? Messages)> _depths = new();
    private readonly Meter _meter = new(StartupTrace.MeterName);
    private readonly TimeProvider _time;

    public QueueDepth(TimeProvider time)
    {
        _time = time;
        _meter.CreateObservableGauge(
            "worker.queue.messages",
            Observe,
            "{message}",
            "The approximate number of messages in a queue, including those being processed.");
    }

    /// <summary>
    /// Reads the number of messages in each queue at each interval, until the caller stops the reading. Never throws for a storage failure.
    /// </summary>
    /// <param name="stopToken">Ends the reading.</param>
    public async Task WatchAsync(QueueClient[] queues, CancellationToken stopToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            do
            {
                foreach (var queue in queues)
                    await ReadDepthAsync(queue, stopToken);
            }
            while (await timer.WaitForNextTickAsync(stopToken));
        }
        catch (OperationCanceledException) when (stopToken.IsCancellationRequested)
        {
            // The caller has stopped the reading.
        }
    }

    public void Dispose() => _meter.Dispose();

    private async Task ReadDepthAsync(QueueClient queue, CancellationToken stopToken)
    {
        try
        {
            var properties = await queue.GetPropertiesAsync(stopToken);
            _depths[queue.Uri] = (queue.Name, properties.Value.ApproximateMessagesCountLong);
        }
        catch (Exception e) when (StorageErrors.IsQueueMissing(e))
        {
            _depths[queue.Uri] = (queue.Name, 0);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stopToken.IsCancellationRequested)
        {
            // The listener reports a storage that cannot be reached. The old number is removed, because it would look current.
            _depths[queue.Uri] = (queue.Name, null);
        }
    }

    /// <summary>Returns the sum for each name. A name has no sum while the number of one of its queues is unknown.</summary>
    private IEnumerable<Measurement<long>> Observe() => _depths.Values
        .GroupBy(depth => depth.QueueName, depth => depth.Messages, StringComparer.Ordinal)
        .Where(counts => counts.All(count => count is not null))
        .Select(counts => new Measurement<long>(counts.Sum() ?? 0, new KeyValuePair<string, object?>("queue", counts.Key)));
}
