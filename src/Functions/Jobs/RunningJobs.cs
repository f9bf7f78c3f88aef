using System.Collections.Concurrent;
using Inference.Azure.Predictions;
using Inference.Diagnostics;
using Inference.Models;

namespace Functions.Jobs;

/// <summary>The jobs that run in this process, so that a cancellation ends them at once.</summary>
public sealed class RunningJobs(PredictionContainer container, JobRecords records, TimeProvider time)
{
    private readonly ConcurrentDictionary<PredictionId, JobRun> _runs = new();

    /// <summary>
    /// Records an attempt, which lasts until the returned object is disposed. When the same job already runs in this process, the attempt
    /// notices a cancellation only at its next check for a result.
    /// </summary>
    internal async Task<JobRun> BeginAsync(PredictionId id, CancellationToken cancellationToken)
    {
        await records.MarkRunningAsync(id, cancellationToken).ConfigureAwait(false);
        var run = new JobRun(() => container.ExistsAsync(BlobNames.Result(id), cancellationToken), time, cancellationToken);
        _runs.TryAdd(id, run);
        InferenceMetrics.RecordJobState("running");
        run.OnDisposed = () => _runs.TryRemove(KeyValuePair.Create(id, run));
        return run;
    }

    /// <summary>Cancels the run of a job in this process, if there is one.</summary>
    public async Task CancelAsync(PredictionId id)
    {
        if (_runs.TryGetValue(id, out var run))
            await run.CancelAsync().ConfigureAwait(false);
    }
}
