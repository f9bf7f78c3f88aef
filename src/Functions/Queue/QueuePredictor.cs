using System.Diagnostics;
using System.Text;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Protocols.Predictions;
using Microsoft.Extensions.Logging;

namespace Functions.Queue;

/// <summary>Processes a queue message and returns the messages to send. docs/queues.md describes the guarantees of delivery.</summary>
public sealed partial class QueuePredictor(
    PredictionRunner runner, StalledMessages stalled, FailedMessages failed, RetryLimit limit, ILogger<QueuePredictor> logger)
{
    /// <summary>
    /// Processes a message. Throws for a temporary failure, so that the message is delivered again. When a shutdown or a storage failure
    /// interrupts the last attempt, returns the message to be sent as a new message. After an exception in the last attempt, the message
    /// would move to the poison queue.
    /// </summary>
    /// <param name="messageId">The message's id in the queue.</param>
    /// <param name="dequeueCount">The number of the attempt, from 1.</param>
    public async Task<QueueFunctionOutputs> ProcessAsync(
        byte[] body, string messageId, long dequeueCount, CancellationToken cancellationToken)
    {
        try
        {
            var result = await AttemptAsync(body, messageId, dequeueCount, cancellationToken).ConfigureAwait(false);
            return new QueueFunctionOutputs { Results = result is null ? null : [result.Text] };
        }
        catch (Exception e) when (IsLastAttempt(dequeueCount)
            && (cancellationToken.IsCancellationRequested || e is PredictionStorageException))
        {
            if (e is PredictionStorageException)
                MessageRequeued(messageId, e.Message);
            return new QueueFunctionOutputs { Requeued = [Encoding.UTF8.GetString(body)] };
        }
    }

    private bool IsLastAttempt(long dequeueCount) => dequeueCount >= limit.Attempts;

    private async Task<ResultMessage?> AttemptAsync(byte[] body, string messageId, long dequeueCount, CancellationToken cancellationToken)
    {
        PredictionMessage message;
        try
        {
            message = PredictionMessageReader.Read(body);
        }
        catch (InvalidMessageException e)
        {
            MessageInvalid(messageId, e.Message);
            return await failed.RefuseAsync(body, e, cancellationToken).ConfigureAwait(false);
        }

        using var activity = InferenceActivities.StartMessage(message.TraceParent);
        message = message with { TraceParent = activity?.Id ?? message.TraceParent };
        try
        {
            return await stalled.TryReturnAsync(body, message, cancellationToken).ConfigureAwait(false)
                ? null
                : await runner.RunAsync(message, dequeueCount, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && QueueFailure.From(e) is var failure && (!failure.IsRetryable || (IsLastAttempt(dequeueCount) && !failure.IsOutage)))
        {
            if (message.IsJob)
                InferenceMetrics.RecordJobState("failed");
            activity?.SetStatus(ActivityStatusCode.Error, failure.Failure.Code);
            return await FailAsync(body, message, failure, e, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<ResultMessage> FailAsync(
        byte[] body, PredictionMessage message, QueueFailure failure, Exception exception, CancellationToken cancellationToken)
    {
        if (!failure.IsRetryable)
            return failed.FailAsync(message, failure.Failure, cancellationToken);
        PredictionGivenUp(message.Id, limit.Attempts, exception);
        return failed.GiveUpAsync(body, message, failure.Failure, cancellationToken);
    }

    [LoggerMessage(LogLevel.Warning, "Queue message {MessageId} is not valid: {Reason}")]
    private partial void MessageInvalid(string messageId, string reason);

    [LoggerMessage(LogLevel.Error, "Prediction {Id} is given up after {Attempts} attempts.")]
    private partial void PredictionGivenUp(PredictionId id, int attempts, Exception exception);

    [LoggerMessage(
        LogLevel.Warning, "Queue message {MessageId} gets new attempts, because the storage failed during the last attempt: {Reason}")]
    private partial void MessageRequeued(string messageId, string reason);
}
