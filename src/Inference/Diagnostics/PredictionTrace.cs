using System.Diagnostics;

namespace Inference.Diagnostics;

/// <summary>
/// The activity of one prediction, with a child activity for each step. The activity starts when the model's name is known, and stops when
/// the response was written. A child is created after its step has ended, with the start and end times of the step. Other work of the same
/// thread therefore never becomes part of a step. Without a listener, there is no activity.
/// </summary>
internal sealed class PredictionTrace
{
    /// <summary>The maximum number of links to batches, which is the default limit of OpenTelemetry for a span.</summary>
    private const int MaxLinks = 128;

    private readonly Activity _activity;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();

    // Guarded by the gate, because a caller may cancel while runs of its request begin.
    private readonly List<ActivityLink> _batches = [];

    /// <summary>The timestamp at which the current step started.</summary>
    private long _stepStarted;
    private long _runStarted;
    private long _runEnded;

    private PredictionTrace(Activity activity) => (_activity, _stepStarted) = (activity, _started);

    public ActivityContext Context => _activity.Context;

    /// <summary>Starts the trace. Returns null without a listener, or when this prediction is not sampled.</summary>
    public static PredictionTrace? Start(string model)
    {
        if (!InferenceActivities.Source.HasListeners() || InferenceActivities.Source.StartActivity("predict") is not { } activity)
            return null;
        activity.SetTag("inference.model", model);
        return new PredictionTrace(activity);
    }

    /// <summary>Records that the model was leased. If the model was not loaded before, the wait for its load is a step.</summary>
    public void RecordLease(long version, bool wasLoaded)
    {
        _activity.SetTag("inference.model.version", version);
        if (wasLoaded)
            _stepStarted = Stopwatch.GetTimestamp();
        else
            EndStep("load");
    }

    public void RecordParsing() => EndStep("parse");

    /// <summary>Records the start of a run with some or all of the request's items.</summary>
    /// <param name="batch">The activity of the batch; default for a run of this request alone.</param>
    public void RecordRunStart(ActivityContext batch)
    {
        lock (_gate)
        {
            if (_runStarted == 0)
                _runStarted = Stopwatch.GetTimestamp();
            if (batch != default && _batches.Count < MaxLinks)
                _batches.Add(new ActivityLink(batch));
        }
    }

    public void RecordRunEnd() => Volatile.Write(ref _runEnded, Stopwatch.GetTimestamp());

    /// <summary>Records that the outputs are ready. The response is written next.</summary>
    public void RecordSuccess()
    {
        AddQueueAndRun();
        _activity.SetTag("inference.code", ErrorCodes.Ok);
    }

    /// <summary>Records a failure and ends the trace.</summary>
    public void RecordFailure(Exception failure)
    {
        AddQueueAndRun();
        var code = ErrorCodes.For(failure);
        _activity.SetTag("inference.code", code).SetStatus(ActivityStatusCode.Error, code).Stop();
    }

    /// <summary>Records that the response was written.</summary>
    public void RecordResponse()
    {
        // Stopping changes the current activity, so the current activity is restored afterwards.
        var current = Activity.Current;
        EndStep("encode");
        _activity.Stop();
        Activity.Current = current;
    }

    private void AddQueueAndRun()
    {
        lock (_gate)
        {
            if (_runStarted == 0)
                return;
            AddStep("queue", _stepStarted, _runStarted, links: null);
            _stepStarted = Volatile.Read(ref _runEnded) is var ended and > 0 ? ended : Stopwatch.GetTimestamp();
            AddStep("run", _runStarted, _stepStarted, _batches);
        }
    }

    private void EndStep(string name)
    {
        var now = Stopwatch.GetTimestamp();
        AddStep(name, _stepStarted, now, links: null);
        _stepStarted = now;
    }

    private void AddStep(string name, long from, long to, IEnumerable<ActivityLink>? links)
    {
        using var step =
            InferenceActivities.Source.StartActivity(name, ActivityKind.Internal, _activity.Context, links: links, startTime: ToTime(from));
        step?.SetEndTime(ToTime(to).UtcDateTime);
    }

    private DateTimeOffset ToTime(long timestamp) => new(_activity.StartTimeUtc + Stopwatch.GetElapsedTime(_started, timestamp));
}
