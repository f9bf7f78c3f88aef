using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Functions.Worker.Standalone.Queues;

/// <summary>A queue that messages are received from. A received message is invisible to other receivers while its lease lasts.</summary>
internal sealed class SourceQueue(QueueClient queue, QueueSignal signal, TimeSpan leaseLength)
{
    public string Name => queue.Name;

    /// <summary>The name of the setting for the storage account.</summary>
    public required string Setting { get; init; }

    /// <summary>The queue's name with its account, for the log.</summary>
    public string DisplayName => $"{Name} (account \"{queue.AccountName}\" in {Setting})";

    /// <summary>How long a message stays invisible after it was received or its lease was renewed.</summary>
    public TimeSpan LeaseLength => leaseLength;

    /// <summary>
    /// A task that completes when this process sends the next message to the queue. Read this property before receiving. Otherwise, a
    /// message that is sent between the receive call and the read would be missed.
    /// </summary>
    public Task NextSent => signal.Next;

    /// <summary>Peeks at the next messages without leasing them. A queue that does not exist is created.</summary>
    /// <param name="count">The maximum number of messages, 1 to 32.</param>
    public Task<PeekedMessage[]> PeekAsync(int count, CancellationToken cancellationToken) =>
        CreateIfMissingAsync(queue.PeekMessagesAsync(count, cancellationToken), cancellationToken);

    /// <summary>Receives messages for the length of a lease. A queue that does not exist is created.</summary>
    /// <param name="count">The maximum number of messages, 1 to 32.</param>
    public Task<QueueMessage[]> ReceiveAsync(int count, CancellationToken cancellationToken) =>
        CreateIfMissingAsync(queue.ReceiveMessagesAsync(count, leaseLength, cancellationToken), cancellationToken);

    /// <summary>Makes a received message visible again after the timeout, counted from now.</summary>
    /// <returns>The new pop receipt, which replaces the given one.</returns>
    public async Task<string> UpdateVisibilityAsync(
        string messageId, string popReceipt, TimeSpan visibilityTimeout, CancellationToken cancellationToken)
    {
        var receipt = await queue.UpdateMessageAsync(
            messageId, popReceipt, visibilityTimeout: visibilityTimeout, cancellationToken: cancellationToken);
        return receipt.Value.PopReceipt;
    }

    /// <summary>Deletes a received message.</summary>
    public Task DeleteAsync(string messageId, string popReceipt, CancellationToken cancellationToken) =>
        queue.DeleteMessageAsync(messageId, popReceipt, cancellationToken);

    /// <summary>
    /// Returns the messages of the call. When the call fails because the queue does not exist, creates the queue and returns no messages.
    /// </summary>
    private async Task<T[]> CreateIfMissingAsync<T>(Task<Response<T[]>> call, CancellationToken cancellationToken)
    {
        try
        {
            return (await call).Value;
        }
        catch (Exception e) when (StorageErrors.IsQueueMissing(e))
        {
            await queue.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            return [];
        }
    }
}
