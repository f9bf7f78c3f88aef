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
    /// The number of messages by the address of the queue; null while it is unknown. Queues in several accounts may have the same name.
    /// </summary>
    private readonly ConcurrentDictionary<Uri, (string Name, long? Messages)> _queues = new();
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
            _queues[queue.Uri] = (queue.Name, properties.Value.ApproximateMessagesCountLong);
        }
        catch (Exception e) when (StorageErrors.IsQueueMissing(e))
        {
            _queues[queue.Uri] = (queue.Name, 0);
        }
        catch (Exception e) when (e is not OperationCanceledException || !stopToken.IsCancellationRequested)
        {
            // The listener reports a storage that cannot be reached. The old number is removed, because it would look current.
            _queues[queue.Uri] = (queue.Name, null);
        }
    }

    /// <summary>Returns the sum for each name. A name has no sum while the number of one of its queues is unknown.</summary>
    private IEnumerable<Measurement<long>> Observe() => _queues.Values
        .GroupBy(queue => queue.Name, queue => queue.Messages, StringComparer.Ordinal)
        .Where(queues => queues.All(messages => messages is not null))
        .Select(queues => new Measurement<long>(queues.Sum() ?? 0, new KeyValuePair<string, object?>("queue", queues.Key)));
}
