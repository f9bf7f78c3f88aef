namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a timer's function is told.</summary>
public sealed class TimerInfo
{
    /// <summary>Null for a schedule that is not monitored.</summary>
    public ScheduleStatus? ScheduleStatus { get; set; }

    /// <summary>Whether the call is later than scheduled.</summary>
    public bool IsPastDue { get; set; }
}
