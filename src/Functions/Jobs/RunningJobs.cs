using System.Collections.Concurrent;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Models;

namespace Functions.Jobs;

/// <summary>Tracks the jobs that run in this process, so that a cancellation in this process ends a run at once.</summary>
public sealed class RunningJobs(PredictionContainer container, JobRecords records, PredictionSettings settings, TimeProvider time)
{
    private readonly ConcurrentDictionary<PredictionId, JobRun> _runs = new();

    /// <summary>
    /// Records the start of an attempt at a job. The attempt lasts until the returned object is disposed. If an earlier attempt at the job
    /// still runs in this process, <see cref="CancelAsync"/> reaches only the earlier attempt. The new attempt then notices a cancellation
    /// at its next check for a result.
    /// </summary>
    internal async Task<JobRun> BeginAsync(PredictionId id, CancellationToken cancellationToken)
    {
        await records.MarkRunningAsync(id, cancellationToken).ConfigureAwait(false);
        var recordedAt = time.GetTimestamp();
        var run = new JobRun(CheckAsync, time, cancellationToken);
        _runs.TryAdd(id, run);
        InferenceMetrics.RecordJobState("running");
        run.OnDisposed = () => _runs.TryRemove(KeyValuePair.Create(id, run));
        return run;

        // Returns whether the job has a result. Also keeps the record and the request of a long run from expiring.
        async Task<bool> CheckAsync()
        {
            if (time.GetElapsedTime(recordedAt) >= settings.TimeToLive / 2)
            {
                await records.RenewAsync(id, cancellationToken).ConfigureAwait(false);
                recordedAt = time.GetTimestamp();
            }

            return await container.ExistsAsync(BlobNames.Result(id), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Records that an attempt at a job has failed, and that the queue will deliver the job's message again.</summary>
    internal async Task RecordRetryAsync(PredictionId id, JobRetry retry, CancellationToken cancellationToken)
    {
        try
        {
            await records.MarkRetriedAsync(id, retry, cancellationToken).ConfigureAwait(false);
        }
        catch (PredictionStorageException)
        {
            // The record only informs callers. A failed write must not replace the attempt's own failure, which decides about the retry.
        }
    }

    /// <summary>Cancels the run of a job, if the job runs in this process.</summary>
    public async Task CancelAsync(PredictionId id)
    {
        if (_runs.TryGetValue(id, out var run))
            await run.CancelAsync().ConfigureAwait(false);
    }
}
