using Inference.Azure.Predictions;
using Inference.Models;
using Inference.Protocols.Predictions;

namespace Functions.Queue;

/// <summary>
/// Gives messages up: a failed result is stored first, then the message goes to the queue of failed messages. Repeating it after an
/// interruption stores nothing new.
/// </summary>
public sealed class FailedMessages(ResultMessages results, PredictionQueues queues)
{
    /// <summary>Gives up a message that is no request for a prediction.</summary>
    /// <returns>The result to send; null when the message has no usable id.</returns>
    public async Task<ResultMessage?> RefuseAsync(byte[] body, InvalidMessageException reason, CancellationToken cancellationToken)
    {
        var result = reason.Id is { } id
            ? await StoreAsync(id).ConfigureAwait(false)
            : null;
        await queues.SendFailedAsync(body, cancellationToken).ConfigureAwait(false);
        return result;

        Task<ResultMessage> StoreAsync(PredictionId id) => results.StoreFailureAsync(
            id, traceParent: null, QueueFailure.Create(QueueFailure.InvalidMessage, reason.Message), cancellationToken);
    }

    /// <summary>Gives up a message, unless its prediction has a result that is no failure.</summary>
    /// <returns>The result to send.</returns>
    public async Task<ResultMessage> GiveUpAsync(
        byte[] body, PredictionMessage message, PredictionFailure failure, CancellationToken cancellationToken)
    {
        var result = await results.StoreFailureAsync(message.Id, message.TraceParent, failure, cancellationToken).ConfigureAwait(false);
        if (result.IsFailed)
            await queues.SendFailedAsync(body, cancellationToken).ConfigureAwait(false);
        return result;
    }
}
