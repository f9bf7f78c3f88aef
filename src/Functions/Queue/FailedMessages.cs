using Functions.Hosting;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Protocols.Predictions;
using Microsoft.Extensions.Logging;

namespace Functions.Queue;

/// <summary>
/// Gives up messages: a failed result is stored first, then the message is sent to the queue of failed messages. When the work is repeated
/// after an interruption, no second result is stored.
/// </summary>
public sealed partial class FailedMessages(ResultMessages results, PredictionQueues queues, ILogger<FailedMessages> logger)
{
    /// <summary>Gives up a message that is not a prediction request.</summary>
    /// <returns>The result to send; null when the message has no usable id.</returns>
    public async Task<ResultMessage?> RefuseAsync(byte[] body, InvalidMessageException reason, CancellationToken cancellationToken)
    {
        var result = reason.Id is { } id
            ? await StoreAsync(id).ConfigureAwait(false)
            : null;
        await SendAsync(body, ServerErrorCodes.InvalidMessage, cancellationToken).ConfigureAwait(false);
        return result;

        Task<ResultMessage> StoreAsync(PredictionId id) => results.StoreFailureAsync(
            id, traceParent: null, QueueFailure.Create(ServerErrorCodes.InvalidMessage, reason.Message), cancellationToken);
    }

    /// <summary>Gives up a message, unless its prediction has a result that is not a failure.</summary>
    /// <returns>The result to send.</returns>
    public async Task<ResultMessage> GiveUpAsync(
        byte[] body, PredictionMessage message, PredictionFailure failure, CancellationToken cancellationToken)
    {
        var result = await results.StoreFailureAsync(message.Id, message.TraceParent, failure, cancellationToken).ConfigureAwait(false);
        if (result.IsFailed)
            await SendAsync(body, failure.Code, cancellationToken).ConfigureAwait(false);
        return result;
    }

    private async Task SendAsync(byte[] body, string code, CancellationToken cancellationToken)
    {
        await queues.SendFailedAsync(body, cancellationToken).ConfigureAwait(false);
        InferenceMetrics.RecordFailedMessage(code);
        MessageGivenUp(code);
    }

    /// <summary>
    /// Logs without an exception: Application Insights stores an entry with an exception in another table, which the alert does not query.
    /// </summary>
    [LoggerMessage(
        LogLevel.Error, "A message was given up ({Code}) and is in the queue of failed messages. inferctl poison list shows why.")]
    private partial void MessageGivenUp(string code);
}
