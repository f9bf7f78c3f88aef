using System.Diagnostics;
using System.Text;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Protocols.Predictions;
using Microsoft.Extensions.Logging;

namespace Functions.Queue;

/// <summary>A message in, what is to be sent out; docs/queues.md says what is promised.</summary>
public sealed partial class QueuePredictor(
    PredictionRunner runner, ResultMessages results, RetryLimit limit, ILogger<QueuePredictor> logger)
{
    /// <summary>What a later attempt may not meet is thrown, and the host delivers the message again.</summary>
    /// <param name="messageId">The queue's name for the message.</param>
    /// <param name="dequeueCount">Which attempt this is, from 1.</param>
    public async Task<QueueAnswer> AnswerAsync(byte[] body, string messageId, long dequeueCount, CancellationToken cancellationToken)
    {
        PredictionMessage message;
        try
        {
            message = PredictionMessageReader.Read(body);
        }
        catch (InvalidMessageException e)
        {
            NotValid(messageId, e.Message);
            return await RefuseAsync(body, e, cancellationToken).ConfigureAwait(false);
        }

        using var activity = InferenceActivities.StartMessage(message.TraceParent);
        message = message with { TraceParent = activity?.Id ?? message.TraceParent };
        try
        {
            return new QueueAnswer { Results = [await runner.RunAsync(message, dequeueCount, cancellationToken).ConfigureAwait(false)] };
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && QueueFailure.From(e) is var failure && (!failure.IsRetryable || IsLast(dequeueCount)))
        {
            if (message.IsJob)
                InferenceMetrics.JobIs("failed");
            activity?.SetStatus(ActivityStatusCode.Error, failure.Failure.Code);
            return await FailAsync(body, message, failure, e, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested && IsLast(dequeueCount))
        {
            // Cut short by the shutdown, and the host counts that as the last failure: the message begins anew instead.
            return new QueueAnswer { Requeued = [Encoding.UTF8.GetString(body)] };
        }
    }

    private bool IsLast(long dequeueCount) => dequeueCount >= limit.Attempts;

    private async Task<QueueAnswer> RefuseAsync(byte[] body, InvalidMessageException reason, CancellationToken cancellationToken)
    {
        string[]? failed = null;
        if (reason.Id is { } id)
        {
            var failure = QueueFailure.Create(QueueFailure.InvalidMessage, reason.Message);
            failed = [await results.StoreFailureAsync(id, traceParent: null, failure, cancellationToken).ConfigureAwait(false)];
        }

        return new QueueAnswer { Results = failed, Poison = [Encoding.UTF8.GetString(body)] };
    }

    private async Task<QueueAnswer> FailAsync(
        byte[] body, PredictionMessage message, QueueFailure failure, Exception exception, CancellationToken cancellationToken)
    {
        if (failure.IsRetryable)
            GivenUp(message.Id, limit.Attempts, exception);
        return new QueueAnswer
        {
            Results = [await results.StoreFailureAsync(message.Id, message.TraceParent, failure.Failure, cancellationToken).ConfigureAwait(false)],
            Poison = failure.IsRetryable ? [Encoding.UTF8.GetString(body)] : null,
        };
    }

    [LoggerMessage(LogLevel.Warning, "Queue message {MessageId} is not valid and goes to the poison queue: {Reason}")]
    private partial void NotValid(string messageId, string reason);

    [LoggerMessage(LogLevel.Error, "Prediction {Id} is given up after {Attempts} attempts, and its message goes to the poison queue.")]
    private partial void GivenUp(PredictionId id, int attempts, Exception exception);
}
