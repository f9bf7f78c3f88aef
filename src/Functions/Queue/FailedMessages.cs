using Functions.Hosting;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Protocols.Predictions;
using Microsoft.Extensions.Logging;

namespace Functions.Queue;

/// <summary>
/// Gives up messages: stores a failed result, and then sends the message to the queue of failed messages. When an interruption separates
/// the two steps, the next attempt finds the stored result and stores no second result.
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
            id,
            traceParent: null,
            QueueFailure.CreatePredictionFailure(ServerErrorCodes.InvalidMessage, reason.Message),
            cancellationToken);
    }

    /// <summary>
    /// Stores the failed result of a message that must not be repeated. The message does not move to the queue of failed messages. If the
    /// prediction already has a result, only returns this result.
    /// </summary>
    /// <returns>The result to send.</returns>
    public Task<ResultMessage> FailAsync(PredictionMessage message, PredictionFailure failure, CancellationToken cancellationToken) =>
        results.StoreFailureAsync(message.Id, message.TraceParent, failure, cancellationToken);

    /// <summary>Gives up a message. If the prediction already has a result that is not a failure, only returns this result.</summary>
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
    /// Logs a message that was given up. The log entry contains no exception, because Application Insights stores exceptions in a separate
    /// table. The alert on failed messages (infra/modules/alerts.bicep) does not query that table.
    /// </summary>
    [LoggerMessage(
        LogLevel.Error, "A message was given up ({Code}) and is in the queue of failed messages. inferctl poison list shows why.")]
    private partial void MessageGivenUp(string code);
}
