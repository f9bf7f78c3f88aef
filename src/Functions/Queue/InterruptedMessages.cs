using Functions.Hosting;
using Inference;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Protocols.Predictions;
using Microsoft.Extensions.Logging;

namespace Functions.Queue;

/// <summary>
/// Completes the messages of the poison queue. A message moves to this queue when its last attempt was interrupted. Returns the stored
/// result of the prediction, or stores a failed result and returns that result. The model does not run again.
/// </summary>
public sealed partial class InterruptedMessages(
    ResultMessages results, FailedMessages failed, PredictionQueues queues, RetryLimit limit, ILogger<InterruptedMessages> logger)
{
    /// <summary>
    /// Completes a message. A Functions host drops a message of the poison queue after <c>maxDequeueCount</c> attempts. Therefore, from the
    /// second attempt on, this method reacts to a storage failure or a shutdown by sending the message to the poison queue again.
    /// </summary>
    /// <param name="dequeueCount">The number of this attempt to complete the message, from 1.</param>
    /// <returns>The result to send; null when the message was sent to the poison queue again, or has no usable id.</returns>
    public async Task<ResultMessage?> CompleteAsync(byte[] body, long dequeueCount, CancellationToken cancellationToken)
    {
        try
        {
            return await CompleteAsync(body, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (dequeueCount > 1 && (e is PredictionStorageException || cancellationToken.IsCancellationRequested))
        {
            await queues.SendInterruptedAsync(body, CancellationToken.None).ConfigureAwait(false);
            return null;
        }
    }

    private async Task<ResultMessage?> CompleteAsync(byte[] body, CancellationToken cancellationToken)
    {
        PredictionMessage message;
        try
        {
            message = PredictionMessageReader.Read(body);
        }
        catch (InvalidMessageException e)
        {
            return await failed.RefuseAsync(body, e, cancellationToken).ConfigureAwait(false);
        }

        if (await results.FindAsync(message.Id, cancellationToken).ConfigureAwait(false) is { IsFailed: false } stored)
            return stored;
        var attempts = limit.Attempts;
        PredictionInterrupted(message.Id, attempts);
        var failure = QueueFailure.CreatePredictionFailure(
            ServerErrorCodes.Interrupted,
            $"The last of {Counted.Text(attempts, "attempt")} was interrupted: the server's process ended, or the storage failed. Send "
            + "the request again.");
        var result = await failed.GiveUpAsync(body, message, failure, cancellationToken).ConfigureAwait(false);
        if (message.IsJob && result.IsFailed)
            InferenceMetrics.RecordJobState("failed");
        return result;
    }

    [LoggerMessage(LogLevel.Error, "Prediction {Id} was interrupted in the last of {Attempts} attempts.")]
    private partial void PredictionInterrupted(PredictionId id, int attempts);
}
