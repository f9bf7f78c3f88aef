using System.Collections.Concurrent;
using System.Numerics;

namespace Inference.Diagnostics;

/// <summary>
/// The statistics of a version since the process started. Unloads and reloads of the same files do not reset the statistics. Many threads
/// write without locks, so a reader may see a request in some counts but not yet in others.
/// </summary>
public sealed class ModelStatistics(TimeProvider time)
{
    /// <summary>
    /// Batch sizes above this size are rounded up to the next power of two, so that callers cannot create arbitrarily many counters.
    /// </summary>
    private const int LargestExactSize = 256;

    private readonly ConcurrentDictionary<int, RunStatistics> _runs = new();
    private long _lastInference;
    private long _queueTicks;
    private long _inputTicks;
    private long _inferTicks;
    private long _outputTicks;

    /// <summary>Requests that succeeded. The duration lasts from the lease of the model until the response was written.</summary>
    public DurationCount Success { get; } = new();

    /// <summary>Requests that failed for any reason, including requests whose caller cancelled.</summary>
    public DurationCount Failure { get; } = new();

    /// <summary>The total time that requests waited for a slot.</summary>
    public TimeSpan QueueTime => ReadTime(ref _queueTicks);

    /// <summary>
    /// The total time for reading requests, preparing their inputs and joining batches. The time of a batch counts once for each of its
    /// requests. The same holds for <see cref="InferTime"/> and <see cref="OutputTime"/>.
    /// </summary>
    public TimeSpan InputTime => ReadTime(ref _inputTicks);

    /// <summary>The total time of the model's runs.</summary>
    public TimeSpan InferTime => ReadTime(ref _inferTicks);

    /// <summary>The total time for splitting the results of batches and writing responses.</summary>
    public TimeSpan OutputTime => ReadTime(ref _outputTicks);

    /// <summary>The counts by batch size, in ascending order.</summary>
    public IReadOnlyList<RunStatistics> Runs => [.. _runs.Values.OrderBy(runs => runs.BatchSize)];

    /// <summary>The time of the last request that succeeded; null when there was none.</summary>
    public DateTimeOffset? LastInference =>
        Volatile.Read(ref _lastInference) is not 0 and var last ? time.GetUtcNow() - time.GetElapsedTime(last) : null;

    /// <param name="started">The timestamp at which the model was leased.</param>
    /// <param name="read">The timestamp at which the request was read and its inputs were prepared.</param>
    /// <param name="ended">The timestamp at which the outputs were ready.</param>
    internal void RecordSuccess(long started, long read, long ended)
    {
        Interlocked.Add(ref _inputTicks, time.GetElapsedTime(started, read).Ticks);
        Success.Add(time.GetElapsedTime(started, ended));
        Volatile.Write(ref _lastInference, ended);
    }

    internal void RecordFailure(long started, long ended) => Failure.Add(time.GetElapsedTime(started, ended));

    /// <summary>Records that a response was written.</summary>
    /// <param name="ready">The timestamp at which the outputs were ready.</param>
    internal void RecordOutput(long ready)
    {
        var duration = time.GetElapsedTime(ready);
        Interlocked.Add(ref _outputTicks, duration.Ticks);
        Success.Extend(duration);
    }

    internal void RecordWait(TimeSpan duration) => Interlocked.Add(ref _queueTicks, duration.Ticks);

    /// <summary>Records a run of one request's items. Such a run needs no time for joining and splitting.</summary>
    internal void RecordRun(int items, TimeSpan infer)
    {
        GetRuns(items).Infer.Add(infer);
        Interlocked.Add(ref _inferTicks, infer.Ticks);
    }

    /// <summary>Records a run of a joined batch.</summary>
    internal void RecordRun(int items, int requests, TimeSpan input, TimeSpan infer, TimeSpan output)
    {
        var runs = GetRuns(items);
        runs.Input.Add(input);
        runs.Infer.Add(infer);
        runs.Output.Add(output);
        Interlocked.Add(ref _inputTicks, requests * input.Ticks);
        Interlocked.Add(ref _inferTicks, requests * infer.Ticks);
        Interlocked.Add(ref _outputTicks, requests * output.Ticks);
    }

    private RunStatistics GetRuns(int items) =>
        _runs.GetOrAdd(items <= LargestExactSize ? items : (int)Math.Min(int.MaxValue, BitOperations.RoundUpToPowerOf2((ulong)items)),
            static size => new RunStatistics(size));

    private static TimeSpan ReadTime(ref long ticks) => TimeSpan.FromTicks(Volatile.Read(ref ticks));
}
