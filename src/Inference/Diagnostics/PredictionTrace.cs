using System.Diagnostics;

namespace Inference.Diagnostics;

/// <summary>
/// The span of one prediction, from its model's name to the end of its answer, with a child for each step. The steps are told when they are
/// over, by the times they took, so that nothing but the request's own flow is ever in its span. There is none when nobody listens.
/// </summary>
internal sealed class PredictionTrace
{
    private readonly Activity _activity;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();

    // Guarded by the gate: a caller that leaves does so while its runs may begin.
    private readonly List<ActivityLink> _batches = [];
    private long _step;
    private long _ran;
    private long _runEnded;

    private PredictionTrace(Activity activity) => (_activity, _step) = (activity, _started);

    public ActivityContext Context => _activity.Context;

    /// <summary>Null when nobody listens, or listens to this one.</summary>
    public static PredictionTrace? Start(string model)
    {
        if (!InferenceActivities.Source.HasListeners() || InferenceActivities.Source.StartActivity("predict") is not { } activity)
            return null;
        activity.SetTag("inference.model", model);
        return new PredictionTrace(activity);
    }

    /// <summary>The model is there; when it was not, waiting for it was a step.</summary>
    public void Leased(long version, bool wasLoaded)
    {
        _activity.SetTag("inference.model.version", version);
        if (wasLoaded)
            _step = Stopwatch.GetTimestamp();
        else
            StepEnded("load");
    }

    public void Parsed() => StepEnded("parse");

    /// <summary>A run with some or all of the request begins.</summary>
    /// <param name="batch">The span of the batch; none for a run of this request alone.</param>
    public void Runs(ActivityContext batch)
    {
        lock (_gate)
        {
            if (_ran == 0)
                _ran = Stopwatch.GetTimestamp();
            if (batch != default)
                _batches.Add(new ActivityLink(batch));
        }
    }

    public void RunEnded() => Volatile.Write(ref _runEnded, Stopwatch.GetTimestamp());

    /// <summary>The outputs are there; what follows is the writing of the answer.</summary>
    public void Answered()
    {
        Scheduled();
        _activity.SetTag("inference.code", ErrorCodes.Ok);
    }

    /// <summary>There is no answer, and nothing to follow.</summary>
    public void Failed(Exception failure)
    {
        Scheduled();
        var code = ErrorCodes.Of(failure);
        _activity.SetTag("inference.code", code).SetStatus(ActivityStatusCode.Error, code).Stop();
    }

    /// <summary>The answer is written.</summary>
    public void Encoded()
    {
        // Another's span may be current by now.
        var current = Activity.Current;
        StepEnded("encode");
        _activity.Stop();
        Activity.Current = current;
    }

    private void Scheduled()
    {
        lock (_gate)
        {
            if (_ran == 0)
                return;
            Step("queue", _step, _ran, links: null);
            _step = Volatile.Read(ref _runEnded) is var ended and > 0 ? ended : Stopwatch.GetTimestamp();
            Step("run", _ran, _step, _batches);
        }
    }

    private void StepEnded(string name)
    {
        var now = Stopwatch.GetTimestamp();
        Step(name, _step, now, links: null);
        _step = now;
    }

    private void Step(string name, long from, long to, IEnumerable<ActivityLink>? links)
    {
        using var step =
            InferenceActivities.Source.StartActivity(name, ActivityKind.Internal, _activity.Context, links: links, startTime: At(from));
        step?.SetEndTime(At(to).UtcDateTime);
    }

    private DateTimeOffset At(long timestamp) => new(_activity.StartTimeUtc + Stopwatch.GetElapsedTime(_started, timestamp));
}
