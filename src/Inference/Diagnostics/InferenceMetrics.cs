using System.Diagnostics.Metrics;

namespace Inference.Diagnostics;

/// <summary>
/// The metrics of events in the engine. Those of the app's jobs, messages and errors are here too, because the exporters listen to this
/// meter. <c>EngineStatus</c> has the metrics of the engine's state. docs/operating.md describes each series. An instrument without a
/// listener costs one read of a field. The labels have only names of served models, version numbers and codes from fixed sets as values,
/// never text from a caller.
/// </summary>
public static class InferenceMetrics
{
    /// <summary>The name of the meter, for listeners.</summary>
    public const string MeterName = "Inference";

    /// <summary>The counter of errors by code.</summary>
    public const string ErrorsName = "inference.errors";

    /// <summary>
    /// Buckets in seconds. The lowest buckets are for runs of small models, the highest for requests that wait for a model from a remote
    /// store.
    /// </summary>
    private static readonly InstrumentAdvice<double> Durations = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private static readonly InstrumentAdvice<double> LoadDurations = new()
    {
        HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
    };

    private static readonly InstrumentAdvice<double> Sizes = new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256] };

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> Requests =
        Meter.CreateCounter<long>("inference.requests", "{request}", "Predictions that have ended, by outcome.");

    private static readonly Histogram<double> RequestDuration = Meter.CreateHistogram(
        "inference.request.duration",
        "s",
        "The time from the parsed route of a request to its outputs, including the waits for a load and in the queue.",
        advice: Durations);

    private static readonly Counter<long> Errors =
        Meter.CreateCounter<long>(ErrorsName, "{error}", "Errors that were sent to callers, over any transport.");

    private static readonly Histogram<double> QueueDuration = Meter.CreateHistogram(
        "inference.queue.duration", "s", "The time that a request waits before its first run.", advice: Durations);

    private static readonly Histogram<double> RunDuration =
        Meter.CreateHistogram("inference.run.duration", "s", "The time for which a run of the model held its slots.", advice: Durations);

    private static readonly Histogram<double> BatchSize =
        Meter.CreateHistogram("inference.batch.size", "{item}", "The number of items in a run.", advice: Sizes);

    private static readonly Counter<long> CacheHits =
        Meter.CreateCounter<long>("inference.cache.hits", "{request}", "Requests that found their model loaded.");

    private static readonly Counter<long> CacheMisses =
        Meter.CreateCounter<long>("inference.cache.misses", "{request}", "Requests that waited for their model to load.");

    private static readonly Counter<long> CacheEvictions = Meter.CreateCounter<long>(
        "inference.cache.evictions", "{model}", "Models that were unloaded to free memory or because they were idle.");

    private static readonly Histogram<double> LoadDuration = Meter.CreateHistogram(
        "inference.model.load.duration", "s", "The duration of a load without its download.", advice: LoadDurations);

    private static readonly Counter<long> LoadFailures =
        Meter.CreateCounter<long>("inference.model.load.failures", "{load}", "Loads that failed.");

    private static readonly Counter<long> Reloads =
        Meter.CreateCounter<long>("inference.model.reloads", "{reload}", "Changes in the store that this server applied or refused.");

    private static readonly Counter<long> CancelledWork = Meter.CreateCounter<long>(
        "inference.work.cancelled", "{request}", "Requests whose callers cancelled, or whose deadline passed, before the response.");

    private static readonly Counter<long> SavedWork =
        Meter.CreateCounter<long>("inference.work.saved", "{item}", "Items that were not run, because no caller waited for them.");

    private static readonly Counter<long> Jobs =
        Meter.CreateCounter<long>("inference.jobs", "{job}", "Jobs that reached a state in this process.");

    private static readonly Counter<long> FailedMessages =
        Meter.CreateCounter<long>("inference.messages.failed", "{message}", "Messages that were sent to the queue of failed messages.");

    private static long _inFlight;

    /// <summary>The number of predictions in progress, including those that wait.</summary>
    internal static long InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Counts an error that was sent to a caller.</summary>
    /// <param name="code">A code from a fixed set.</param>
    public static void RecordError(string code) => Errors.Add(1, new KeyValuePair<string, object?>("code", code));

    /// <summary>Counts a job that reached a state.</summary>
    public static void RecordJobState(string state) => Jobs.Add(1, new KeyValuePair<string, object?>("state", state));

    /// <summary>Counts a message that was moved to the queue of failed messages.</summary>
    /// <param name="code">A code from a fixed set.</param>
    public static void RecordFailedMessage(string code) => FailedMessages.Add(1, new KeyValuePair<string, object?>("code", code));

    internal static void BeginRequest() => Interlocked.Increment(ref _inFlight);

    /// <param name="code">A code of <see cref="ErrorCodes"/>.</param>
    internal static void EndRequest(ModelTags model, string code, TimeSpan duration)
    {
        Interlocked.Decrement(ref _inFlight);
        Requests.Add(1, model.Model, model.Version, new("code", code));
        RequestDuration.Record(duration.TotalSeconds, model.Model, model.Version);
    }

    internal static void RecordLease(ModelTags model, bool wasLoaded) =>
        (wasLoaded ? CacheHits : CacheMisses).Add(1, model.Model, model.Version);

    internal static void RecordWait(ModelTags model, TimeSpan duration) =>
        QueueDuration.Record(duration.TotalSeconds, model.Model, model.Version);

    internal static void RecordRun(ModelTags model, TimeSpan duration, int items)
    {
        RunDuration.Record(duration.TotalSeconds, model.Model, model.Version);
        BatchSize.Record(items, model.Model, model.Version);
    }

    /// <param name="wasRunning">Whether a run of the request had begun.</param>
    /// <param name="skippedItems">The number of items that were not part of any run.</param>
    internal static void RecordCancellation(ModelTags model, bool wasRunning, int skippedItems)
    {
        CancelledWork.Add(1, model.Model, model.Version, new("stage", wasRunning ? "run" : "queue"));
        SavedWork.Add(skippedItems, model.Model, model.Version);
    }

    internal static void RecordLoad(ModelTags model, TimeSpan duration) =>
        LoadDuration.Record(duration.TotalSeconds, model.Model, model.Version);

    internal static void RecordLoadFailure(ModelTags model) => LoadFailures.Add(1, model.Model, model.Version);

    internal static void RecordEviction(ModelTags model, string reason) =>
        CacheEvictions.Add(1, model.Model, model.Version, new("reason", reason));

    /// <param name="isApplied">Whether the change is in service; false for a refused change.</param>
    internal static void RecordReload(ModelTags model, bool isApplied) =>
        Reloads.Add(1, model.Model, model.Version, new("result", isApplied ? "taken" : "refused"));
}
