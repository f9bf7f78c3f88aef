using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Inference.Models;

namespace Inference.Azure.Predictions;

/// <summary>
/// The messages of the queue of failed messages and of the poison queue, each with the reason that its failed result or its content gives.
/// </summary>
/// <param name="read">Finds the id in a message, which may be broken in any way, and what is wrong with it; null when nothing is.</param>
/// <param name="readReason">Finds the error in a result blob; null for a result that is no failure.</param>
public sealed class PoisonMessages(
    PredictionQueues queues,
    PredictionContainer container,
    Func<ReadOnlyMemory<byte>, (PredictionId? Id, PoisonReason? Problem)> read,
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
        foreach (var queue in (QueueClient[])[queues.Failed, queues.Poison])
        {
            while (await ReceiveAsync(queue, cancellationToken).ConfigureAwait(false) is { Length: > 0 } page)
            {
                all.AddRange(await Task
                    .WhenAll(page.Select(message => DescribeAsync(queue, message, cancellationToken)))
                    .ConfigureAwait(false));
            }
        }

        return all;
    }

    /// <summary>
    /// Sends the message to the main queue again, its failed result forgotten, so that it runs. In this order nothing is lost when it is
    /// cut off in between; at worst it runs twice, which has one result.
    /// </summary>
    /// <returns>False when someone else has taken the message meanwhile.</returns>
    public async Task<bool> ReplayAsync(PoisonMessage message, CancellationToken cancellationToken)
    {
        if (message.Id is { } id
            && await container.ReadAsync(BlobNames.Result(id), MaxResultSize, cancellationToken).ConfigureAwait(false) is { } result
            && readReason(result.Content.ToMemory()) is not null)
        {
            await container.DeleteAsync(BlobNames.Result(id), result.ETag, cancellationToken).ConfigureAwait(false);
        }

        await queues.SendAsync(message.Message.Body.ToMemory(), cancellationToken).ConfigureAwait(false);
        return await DropAsync(message, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>False when someone else has taken the message meanwhile.</returns>
    public static Task<bool> DropAsync(PoisonMessage message, CancellationToken cancellationToken) => UnlessTakenAsync(
        message.Queue.AccountName,
        () => message.Queue.DeleteMessageAsync(message.Message.MessageId, message.Message.PopReceipt, cancellationToken),
        cancellationToken);

    /// <summary>Makes the message visible again.</summary>
    public static Task ReleaseAsync(PoisonMessage message, CancellationToken cancellationToken) => UnlessTakenAsync(
        message.Queue.AccountName,
        () => message.Queue.UpdateMessageAsync(
            message.Message.MessageId, message.Message.PopReceipt, messageText: null, TimeSpan.Zero, cancellationToken),
        cancellationToken);

    private static async Task<bool> UnlessTakenAsync<T>(string account, Func<Task<T>> act, CancellationToken cancellationToken)
    {
        try
        {
            await StorageCall.RunAsync(account, "given up message", act, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (RequestFailedException)
        {
            return false;
        }
    }

    private static async Task<QueueMessage[]> ReceiveAsync(QueueClient queue, CancellationToken cancellationToken)
    {
        try
        {
            return await StorageCall.RunAsync(
                queue.AccountName,
                queue.Name,
                async () => (await queue.ReceiveMessagesAsync(PageSize, OutOfSight, cancellationToken).ConfigureAwait(false)).Value,
                cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            // Nothing was ever given up.
            return [];
        }
    }

    private async Task<PoisonMessage> DescribeAsync(QueueClient queue, QueueMessage message, CancellationToken cancellationToken)
    {
        var (id, problem) = read(message.Body.ToMemory());
        var result = id is { } known
            ? await container.ReadAsync(BlobNames.Result(known), MaxResultSize, cancellationToken).ConfigureAwait(false)
            : null;
        var reason = (result is null ? null : readReason(result.Content.ToMemory())) ?? problem
            ?? InferReason(queue, hasResult: result is not null);
        return new PoisonMessage(id, reason, message.InsertedOn) { Message = message, Queue = queue };
    }

    /// <summary>The reason why a valid message without a failed result is where it is.</summary>
    private PoisonReason InferReason(QueueClient queue, bool hasResult) =>
        hasResult ? new PoisonReason("succeeded", "The prediction has a result that is no failure, so the message can be dropped.")
        : queue.Name == queues.Poison.Name
        ? new PoisonReason(
            "interrupted", "Its last attempt was interrupted, and no server has ended it yet. A running server does; or replay it.")
        : new PoisonReason("noResult", "Its failed result is gone: it has expired or was deleted. Replay the message to see why it fails.");
}
