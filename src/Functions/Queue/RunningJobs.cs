using System.Collections.Concurrent;
using Inference.Azure.Predictions;
using Inference.Models;

namespace Functions.Queue;

/// <summary>The jobs that run in this process, so that a cancellation ends them at once.</summary>
public sealed class RunningJobs(PredictionContainer container, TimeProvider time)
{
    private readonly ConcurrentDictionary<PredictionId, JobRun> _runs = new();

    /// <summary>A second run of one job at the same time hears of a cancellation as those of other processes do.</summary>
    internal JobRun Begin(PredictionId id, CancellationToken cancellationToken)
    {
        var run = new JobRun(() => container.ExistsAsync(BlobNames.Result(id), cancellationToken), time, cancellationToken);
        _runs.TryAdd(id, run);
        run.Ended = () => _runs.TryRemove(KeyValuePair.Create(id, run));
        return run;
    }

    public async Task CancelAsync(PredictionId id)
    {
        if (_runs.TryGetValue(id, out var run))
            await run.CancelAsync().ConfigureAwait(false);
    }
}
