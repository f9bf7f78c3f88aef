using Microsoft.Extensions.Logging;

namespace Inference.Diagnostics;

/// <summary>The metrics, statistics and log messages about the runs of one model version.</summary>
internal sealed partial class ModelTelemetry(ModelTags tags, ModelStatistics statistics, ILogger logger)
{
    public ModelTags Tags => tags;

    public ModelStatistics Statistics => statistics;

    public ILogger Logger => logger;

    /// <summary>Records the time that a request waited for its first run.</summary>
    public void RecordWait(TimeSpan duration)
    {
        InferenceMetrics.RecordWait(tags, duration);
        statistics.RecordWait(duration);
    }

    /// <summary>Records a run on the caller's own thread. Its request did not wait.</summary>
    public void RecordDirectRun(TimeSpan duration, int items, bool succeeded)
    {
        if (succeeded)
            statistics.RecordRun(items, duration);
        InferenceMetrics.RecordWait(tags, TimeSpan.Zero);
        InferenceMetrics.RecordRun(tags, duration, items);
    }

    /// <summary>Records a run for which requests waited.</summary>
    public void RecordRun(TimeSpan duration, int items) => InferenceMetrics.RecordRun(tags, duration, items);

    /// <summary>Records a request whose caller cancelled.</summary>
    /// <param name="wasRunning">Whether a run of the request had begun.</param>
    /// <param name="skippedItems">The number of items that were not part of any run.</param>
    public void RecordCancellation(bool wasRunning, int skippedItems) =>
        InferenceMetrics.RecordCancellation(tags, wasRunning, skippedItems);

    /// <summary>Logs that a run broke the batch contract.</summary>
    /// <param name="violation">A sentence about the violation and its effect.</param>
    public void LogContractViolation(string violation) => LogContractViolation(tags, violation);

    /// <summary>Logs that the native memory of an unloaded session may not have been freed.</summary>
    public void LogDisposeFailure(Exception failure) => LogDisposeFailure(failure, tags, failure.Message);

    [LoggerMessage(LogLevel.Error, "Model {Model}: {Violation}")]
    private partial void LogContractViolation(ModelTags model, string violation);

    [LoggerMessage(LogLevel.Error, "Model {Model} could not be disposed after its unload: {Reason}")]
    private partial void LogDisposeFailure(Exception exception, ModelTags model, string reason);
}
