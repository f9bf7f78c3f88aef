namespace Inference.Models;

/// <summary>
/// The time by which a result must be ready. The deadline accompanies a request to its session, because a session of a remote model sends
/// the deadline to the remote server. The request's cancellation token is cancelled at that time, or earlier when the caller cancels.
/// </summary>
public readonly record struct Deadline
{
    private readonly TimeProvider? _time;
    private readonly long _timestamp;

    private Deadline(TimeProvider time, long timestamp) => (_time, _timestamp) = (time, timestamp);

    /// <summary>No deadline: the caller waits for as long as it takes.</summary>
    public static Deadline None => default;

    /// <summary>The time from now to the deadline, negative after the deadline; null without a deadline.</summary>
    public TimeSpan? RemainingTime => _time?.GetElapsedTime(_time.GetTimestamp(), _timestamp);

    /// <summary>Creates the deadline at the end of a timeout that starts now.</summary>
    public static Deadline After(TimeSpan timeout, TimeProvider time) =>
        new(time, time.GetTimestamp() + (long)(timeout.TotalSeconds * time.TimestampFrequency));

    /// <summary>
    /// Returns the deadline of a result that two callers wait for: the later deadline, or none if one of the callers has no deadline.
    /// </summary>
    public static Deadline Latest(Deadline a, Deadline b) =>
        a._time is null || b._time is null ? None : a._timestamp > b._timestamp ? a : b;
}
