using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Inference.Azure.Settings;
using StorageAccounts;

namespace Inference.Azure.Predictions;

/// <summary>The queue of predictions, and its poison queue. Nothing is connected before the first use.</summary>
public sealed class PredictionQueues
{
    private readonly Lazy<QueueServiceClient> _service;
    private readonly PredictionSettings _settings;

    public PredictionQueues(StorageAccount account, PredictionSettings settings)
    {
        _settings = settings;
        // Text as it is: what the Functions host is told by messageEncoding in host.json.
        var options = ClientRetry.Impatient(new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });
        _service = new Lazy<QueueServiceClient>(() => account.Queues(options));
    }

    internal QueueClient Poison => _service.Value.GetQueueClient(_settings.PoisonQueue);

    /// <summary>A message that waits longer than what it asks for is kept is gone with it.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        var queue = _service.Value.GetQueueClient(_settings.Queue);
        var timeToLive = _settings.TimeToLive ?? Timeout.InfiniteTimeSpan;
        while (true)
        {
            try
            {
                await StorageCall.RunAsync(
                    queue.Name,
                    () => queue.SendMessageAsync(new BinaryData(message), timeToLive: timeToLive, cancellationToken: cancellationToken),
                    cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
            {
                await StorageCall.RunAsync(
                    queue.Name, () => queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken), cancellationToken).ConfigureAwait(false);
            }
        }
    }
}
