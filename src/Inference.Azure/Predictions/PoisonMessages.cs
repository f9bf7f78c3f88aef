using Azure;
using Azure.Storage.Queues.Models;
using Inference.Models;

namespace Inference.Azure.Predictions;

/// <summary>What the poison queue holds, each message beside the reason that its failed result gives.</summary>
/// <param name="readId">Finds the id in a message, which may be broken in any way.</param>
/// <param name="readReason">Finds the error in a result blob; null for a result that is no failure.</param>
public sealed class PoisonMessages(
    PredictionQueues queues,
    PredictionContainer container,
    Func<ReadOnlyMemory<byte>, PredictionId?> readId,
    Func<ReadOnlyMemory<byte>, PoisonReason?> readReason)
{
    /// <summary>The most that one call of the service gives.</summary>
    private const int PageSize = 32;

    /// <summary>A failed result is as small as a message.</summary>
    private const int MaxResultSize = 64 * 1024;

    /// <summary>Time for whoever is asked to answer. What is not released by then comes back by itself.</summary>
    private static readonly TimeSpan OutOfSight = TimeSpan.FromMinutes(10);

    /// <summary>Takes all messages. Each is to be replayed, dropped or released.</summary>
    /// <exception cref="PredictionStorageException">The account cannot be used.</exception>
    public async Task<IReadOnlyList<PoisonMessage>> TakeAllAsync(CancellationToken cancellationToken)
    {
        var all = new List<PoisonMessage>();
        while (await ReceiveAsync(cancellationToken).ConfigureAwait(false) is { Length: > 0 } page)
            all.AddRange(await Task.WhenAll(page.Select(message => DescribeAsync(message, cancellationToken))).ConfigureAwait(false));
        return all;
    }

    /// <summary>
    /// Sends the message to the main queue again, its failed result forgotten, so that it runs. In this order nothing is lost when it is cut
    /// off in between; at worst it runs twice, which has one result.
    /// </summary>
    /// <returns>False when someone else has taken the message meanwhile.</returns>
    public async Task<bool> ReplayAsync(PoisonMessage message, CancellationToken cancellationToken)
    {
        if (message is { Id: { } id, Reason: not null }
            && await container.ReadAsync(BlobNames.Result(id), MaxResultSize, cancellationToken).ConfigureAwait(false) is { } result
            && readReason(result.Content.ToMemory()) is not null)
        {
            await container.DeleteAsync(BlobNames.Result(id), result.ETag, cancellationToken).ConfigureAwait(false);
        }

        await queues.SendAsync(message.Message.Body.ToMemory(), cancellationToken).ConfigureAwait(false);
        return await DropAsync(message, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>False when someone else has taken the message meanwhile.</returns>
    public Task<bool> DropAsync(PoisonMessage message, CancellationToken cancellationToken) => IfStillOursAsync(
        () => queues.Poison.DeleteMessageAsync(message.Message.MessageId, message.Message.PopReceipt, cancellationToken), cancellationToken);

    /// <summary>Makes the message visible again.</summary>
    public Task ReleaseAsync(PoisonMessage message, CancellationToken cancellationToken) => IfStillOursAsync(
        () => queues.Poison.UpdateMessageAsync(
            message.Message.MessageId, message.Message.PopReceipt, messageText: null, TimeSpan.Zero, cancellationToken),
        cancellationToken);

    private static async Task<bool> IfStillOursAsync<T>(Func<Task<T>> act, CancellationToken cancellationToken)
    {
        try
        {
            await StorageCall.RunAsync("poison queue", act, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException)
        {
            return false;
        }
    }

    private async Task<QueueMessage[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await StorageCall.RunAsync(
                queues.Poison.Name,
                async () => (await queues.Poison.ReceiveMessagesAsync(PageSize, OutOfSight, cancellationToken).ConfigureAwait(false)).Value,
                cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            // Nothing was ever given up.
            return [];
        }
    }

    private async Task<PoisonMessage> DescribeAsync(QueueMessage message, CancellationToken cancellationToken)
    {
        var id = readId(message.Body.ToMemory());
        var result = id is { } known
            ? await container.ReadAsync(BlobNames.Result(known), MaxResultSize, cancellationToken).ConfigureAwait(false)
            : null;
        var reason = result is null ? null : readReason(result.Content.ToMemory());
        return new PoisonMessage(id, reason, message.InsertedOn) { Message = message };
    }
}
