using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Inference.Models;

namespace Inference.Azure.Predictions;

/// <summary>
/// The messages that were given up: those in the queue of failed messages, and interrupted ones in the poison queue
/// (<see cref="PredictionSettings"/>). The reason for each failure is read from the failed result, or inferred.
/// </summary>
/// <param name="readMessage">
/// Finds the identifier of the prediction and the problem of the message; each is null when there is none. The message may be damaged in
/// any way.
/// </param>
/// <param name="readReason">Finds the error in a result blob; null for a result that is not a failure.</param>
public sealed class PoisonMessages(
    PredictionQueues queues,
    PredictionContainer container,
    Func<ReadOnlyMemory<byte>, (PredictionId? Id, PoisonReason? Problem)> readMessage,
    Func<ReadOnlyMemory<byte>, PoisonReason?> readReason)
{
    /// <summary>The maximum number of messages that one call of the service returns.</summary>
    private const int PageSize = 32;

    /// <summary>The maximum size of a failed result in bytes, which equals the maximum size of a message.</summary>
    private const int MaxResultSize = 64 * 1024;

    /// <summary>
    /// The time for which received messages stay hidden while the operator decides. After this time, a message becomes visible again.
    /// </summary>
    private static readonly TimeSpan VisibilityTimeout = TimeSpan.FromMinutes(10);

    /// <summary>Receives all messages. The caller must replay, drop or release each message.</summary>
    /// <exception cref="PredictionStorageException">The account cannot be used.</exception>
    public async Task<IReadOnlyList<PoisonMessage>> ReceiveAllAsync(CancellationToken cancellationToken)
    {
        var all = new List<PoisonMessage>();
        foreach (var queue in (QueueClient[])[queues.Failed, queues.Poison])
        {
            while (await ReceiveAsync(queue, cancellationToken).ConfigureAwait(false) is { Length: > 0 } page)
            {
                all.AddRange(await Task
                    .WhenAll(page.Select(message => AddReasonAsync(queue, message, cancellationToken)))
                    .ConfigureAwait(false));
            }
        }

        return all;
    }

    /// <summary>
    /// Deletes the failed result and sends the message to the main queue, so that it runs again. If the process ends between these steps,
    /// no message is lost. At worst the message runs twice, and only the first result is stored.
    /// </summary>
    /// <returns>False when the given-up message was already deleted, or another receiver holds it. The message is then not sent.</returns>
    /// <exception cref="InvalidOperationException"><see cref="PoisonMessage.CanReplay"/> is false.</exception>
    public async Task<bool> ReplayAsync(PoisonMessage message, CancellationToken cancellationToken)
    {
        if (!message.CanReplay)
            throw new InvalidOperationException("The message has no stored result in the container, so it cannot be replayed.");
        // The operator may have decided after the visibility timeout. Another receiver may then have replayed the message.
        if (!await TryRenewAsync(message, cancellationToken).ConfigureAwait(false))
            return false;
        if (message.Id is { } id
            && await container.ReadAsync(BlobNames.Result(id), MaxResultSize, cancellationToken).ConfigureAwait(false) is { } result
            && readReason(result.Content.ToMemory()) is not null)
        {
            await container.TryDeleteAsync(BlobNames.Result(id), result.ETag, cancellationToken).ConfigureAwait(false);
        }

        await queues.SendAsync(message.Message.Body.ToMemory(), cancellationToken).ConfigureAwait(false);
        // The renewed message is hidden from other receivers. So the deletion fails only if the message was already deleted.
        await DropAsync(message, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Deletes the message from its queue.</summary>
    /// <returns>False when the message was already deleted, or another receiver holds it.</returns>
    public static Task<bool> DropAsync(PoisonMessage message, CancellationToken cancellationToken) => TryRunAsync(
        message.Queue.AccountName,
        () => message.Queue.DeleteMessageAsync(message.Message.MessageId, message.PopReceipt, cancellationToken),
        cancellationToken);

    /// <summary>Makes the message visible again.</summary>
    public static Task ReleaseAsync(PoisonMessage message, CancellationToken cancellationToken) => TryRunAsync(
        message.Queue.AccountName,
        () => message.Queue.UpdateMessageAsync(
            message.Message.MessageId, message.PopReceipt, messageText: null, TimeSpan.Zero, cancellationToken),
        cancellationToken);

    /// <summary>Hides the message for another visibility timeout.</summary>
    /// <returns>False when the message was already deleted, or another receiver holds it.</returns>
    private static Task<bool> TryRenewAsync(PoisonMessage message, CancellationToken cancellationToken) => TryRunAsync(
        message.Queue.AccountName,
        async () =>
        {
            // The call is not cancelled, because a lost receipt would keep the message hidden for the whole timeout.
            var renewed = await message.Queue
                .UpdateMessageAsync(
                    message.Message.MessageId, message.PopReceipt, messageText: null, VisibilityTimeout, CancellationToken.None)
                .ConfigureAwait(false);
            return message.PopReceipt = renewed.Value.PopReceipt;
        },
        cancellationToken);

    private static async Task<bool> TryRunAsync<T>(string account, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        try
        {
            await StorageCall.RunAsync(account, "message in a queue of failed messages", call, cancellationToken).ConfigureAwait(false);
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
                async () => (await queue.ReceiveMessagesAsync(PageSize, VisibilityTimeout, cancellationToken).ConfigureAwait(false)).Value,
                cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.ErrorCode == QueueErrorCode.QueueNotFound)
        {
            // The queue does not exist because no message was ever given up.
            return [];
        }
    }

    private async Task<PoisonMessage> AddReasonAsync(QueueClient queue, QueueMessage message, CancellationToken cancellationToken)
    {
        var (id, problem) = readMessage(message.Body.ToMemory());
        var result = id is { } predictionId
            ? await container.ReadAsync(BlobNames.Result(predictionId), MaxResultSize, cancellationToken).ConfigureAwait(false)
            : null;
        var reason = (result is null ? null : readReason(result.Content.ToMemory())) ?? problem
            ?? InferReason(queue, hasResult: result is not null);
        return new PoisonMessage(id, reason, message.InsertedOn)
        {
            CanReplay = id is null || result is not null || queue.Name == queues.Poison.Name,
            Message = message,
            Queue = queue,
            PopReceipt = message.PopReceipt,
        };
    }

    /// <summary>Infers why a valid message that has no failed result is in its queue.</summary>
    private PoisonReason InferReason(QueueClient queue, bool hasResult) =>
        hasResult ? new PoisonReason("succeeded", "The prediction has a result without an error, so the message can be dropped.")
        : queue.Name == queues.Poison.Name
        ? new PoisonReason(
            "interrupted",
            "Its last attempt was interrupted, and no server has recorded the failure yet. Start a server, which records the "
            + "failure, or replay the message.")
        : new PoisonReason(
            "noResult",
            $"The container \"{container.Name}\" has no failed result of this message: the result has expired, was deleted, or is in "
            + "another container.");
}
