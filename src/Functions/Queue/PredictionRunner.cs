using Functions.Jobs;
using Inference;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Protocols.Predictions;

namespace Functions.Queue;

/// <summary>Runs the prediction of a message and stores its result.</summary>
public sealed class PredictionRunner(
    Predictor predictor, ResultMessages results, RequestBlobs requests, RunningJobs running, RetryLimit limit)
{
    /// <summary>
    /// Returns the stored result if there is one, and runs the prediction otherwise. The first attempt of a message does not look for a
    /// stored result, because such a result rarely exists and is never overwritten. The first attempt of a job looks for a stored result,
    /// because a caller may have cancelled the waiting job. A cancellation is stored as a result.
    /// </summary>
    /// <param name="dequeueCount">The number of the attempt, from 1.</param>
    /// <returns>The result message to send.</returns>
    public async Task<ResultMessage> RunAsync(PredictionMessage message, long dequeueCount, CancellationToken cancellationToken)
    {
        if ((dequeueCount > 1 || message.IsJob)
            && await results.FindAsync(message.Id, cancellationToken).ConfigureAwait(false) is { } stored)
        {
            return stored;
        }

        return message.IsJob
            ? await RunJobAsync(message, dequeueCount, cancellationToken).ConfigureAwait(false)
            : await PredictAsync(message, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ResultMessage> RunJobAsync(PredictionMessage message, long dequeueCount, CancellationToken cancellationToken)
    {
        await using var run = await running.BeginAsync(message.Id, cancellationToken).ConfigureAwait(false);
        try
        {
            var result = await PredictAsync(message, run.Token).ConfigureAwait(false);
            InferenceMetrics.RecordJobState("succeeded");
            return result;
        }
        catch (OperationCanceledException) when (run.Token.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            if (await results.FindAsync(message.Id, cancellationToken).ConfigureAwait(false) is { } stored)
                return stored;
            throw;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && QueueFailure.From(e) is { IsRetryable: true, Failure: var failure } && dequeueCount < limit.Attempts)
        {
            var retry = new JobRetry(dequeueCount, limit.Attempts, failure.Code, failure.Message);
            await running.RecordRetryAsync(message.Id, retry, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private async Task<ResultMessage> PredictAsync(PredictionMessage message, CancellationToken cancellationToken)
    {
        using var blob = message.RequestBlob is { } reference
            ? await requests.ReadAsync(reference, message.Id, cancellationToken).ConfigureAwait(false)
            : null;
        var body = blob?.Written ?? message.Request!.Value;
        var format = BodyFormat.Detect(body);
        using var prediction = await predictor
            .PredictAsync(
                ModelName.Parse(message.Model), message.Version, format, static (format, model) => format.Read(model), cancellationToken)
            .ConfigureAwait(false);
        return await results.StoreAsync(
            message.Id,
            message.TraceParent,
            buffer => ResultWriter.WriteSucceeded(buffer, message.Id, message.TraceParent, prediction, format.Write),
            prediction.Model.Id,
            cancellationToken).ConfigureAwait(false);
    }
}
