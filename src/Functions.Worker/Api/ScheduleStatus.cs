namespace Microsoft.Azure.Functions.Worker;

/// <summary>A monitored schedule, as the host last wrote it down.</summary>
public sealed class ScheduleStatus
{
    public DateTime Last { get; set; }

    public DateTime Next { get; set; }

    public DateTime LastUpdated { get; set; }
}
