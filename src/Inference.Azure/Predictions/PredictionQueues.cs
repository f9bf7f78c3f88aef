using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Inference.Azure.Settings;
using StorageAccounts;

namespace Inference.Azure.Predictions;

/// <summary>
/// The queue of predictions, and the queues of interrupted and failed messages. No connection is made before the first use.
/// </summary>
public sealed class PredictionQueues
{
    /// <summary>Azure Storage's value for a message that never expires: minus one second.</summary>
    private static readonly TimeSpan Unlimited = TimeSpan.FromSeconds(-1);

    private readonly Lazy<QueueServiceClient> _service;
    private readonly PredictionSettings _settings;

    public PredictionQueues(StorageAccount account, PredictionSettings settings)
    {
        _settings = settings;
        // Messages are plain text, without base64. In host.json, messageEncoding makes the Functions host use the same encoding.
        var options = ClientRetry.LimitRetries(new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });
        _service = new Lazy<QueueServiceClient>(() => account.CreateQueueClient(options));
    }

    /// <summary>The queue of interrupted messages: see <see cref="PredictionSettings.PoisonQueue"/>.</summary>
    internal QueueClient Poison => GetClient(_settings.PoisonQueue);

    /// <summary>The queue of messages that were given up: see <see cref="PredictionSettings.FailedQueue"/>.</summary>
    internal QueueClient Failed => GetClient(_settings.FailedQueue);

    /// <summary>Sends a message to the queue of predictions. The message expires no later than its request and its result.</summary>
    public Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        SendDelayedAsync(message, TimeSpan.Zero, cancellationToken);

    /// <summary>
    /// Sends a message to the queue of predictions that is delivered after <paramref name="delay"/>. The message expires no later than its
    /// request and its result.
    /// </summary>
    public Task SendDelayedAsync(ReadOnlyMemory<byte> message, TimeSpan delay, CancellationToken cancellationToken)
    {
        // The service refuses a message that would expire before its delivery.
        var possibleDelay = _settings.TimeToLive < 2 * delay ? _settings.TimeToLive / 2 : delay;
        return SendAsync(GetClient(_settings.Queue), message, _settings.TimeToLive ?? Unlimited, possibleDelay, cancellationToken);
    }

    /// <summary>Sends a message to the queue of failed messages, where it does not expire.</summary>
    public Task SendFailedAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        SendAsync(Failed, message, Unlimited, delay: null, cancellationToken);

    /// <summary>Sends a message to the queue of interrupted messages, where it does not expire.</summary>
    public Task SendInterruptedAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        SendAsync(Poison, message, Unlimited, delay: null, cancellationToken);

    /// <summary>
    /// Lists the queues of an account that has none of the three queues of predictions: the queue of requests, of failed messages and of
    /// interrupted messages. The list shows the user which queues the account has instead.
    /// </summary>
    /// <returns>
    /// The names of the account's queues; null when the account has one of the three queues, or when the identity may not list
    /// queues.
    /// </returns>
    /// <exception cref="PredictionStorageException">The account cannot be used.</exception>
    public async Task<IReadOnlyList<string>?> ListOtherQueuesAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await HasQueueAsync(cancellationToken).ConfigureAwait(false)
                ? null
                : await ListQueuesAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PredictionStorageException e) when (e.IsForbidden)
        {
            return null;
        }
    }

    /// <summary>Whether the account has the queue of predictions or one of the queues of interrupted and failed messages.</summary>
    private async Task<bool> HasQueueAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in (QueueClient[])[GetClient(_settings.Queue), Failed, Poison])
        {
            var exists = await StorageCall
                .RunAsync(queue.AccountName, queue.Name, () => queue.ExistsAsync(cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            if (exists.Value)
                return true;
        }

        return false;
    }

    private Task<List<string>> ListQueuesAsync(CancellationToken cancellationToken)
    {
        var service = _service.Value;
        return StorageCall.RunAsync(service.AccountName, "queues", ListAsync, cancellationToken);

        async Task<List<string>> ListAsync()
        {
            var names = new List<string>();
            await foreach (var queue in service.GetQueuesAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
                names.Add(queue.Name);
            return names;
        }
    }

    private static async Task SendAsync(
        QueueClient queue, ReadOnlyMemory<byte> message, TimeSpan timeToLive, TimeSpan? delay, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await StorageCall.RunAsync(
                    queue.AccountName,
                    queue.Name,
                    () => queue.SendMessageAsync(new BinaryData(message), delay, timeToLive, cancellationToken),
                    cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
            {
                await StorageCall.RunAsync(
                    queue.AccountName,
                    queue.Name,
                    () => queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken),
                    cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private QueueClient GetClient(string name) => _service.Value.GetQueueClient(name);
}
