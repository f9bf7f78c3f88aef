namespace Microsoft.Azure.Functions.Worker;

/// <summary>Calls the function on a schedule. Stands on its <see cref="TimerInfo"/> parameter.</summary>
/// <param name="schedule">
/// Six fields from second to day of week, a time span such as 00:05:00 (on App Service plans only), or <c>%setting%</c>.
/// A setting in a section is <c>%Section:Name%</c>, never <c>%Section__Name%</c>.
/// </param>
[AttributeUsage(AttributeTargets.Parameter)]
public sealed class TimerTriggerAttribute(string schedule) : Attribute
{
    public string Schedule { get; } = schedule;

    /// <summary>Calls the function also when the host starts, which on a scaled app is often.</summary>
    public bool RunOnStartup { get; set; }

    /// <summary>Keeps the schedule in storage, so that an occurrence missed while nothing ran is made up for.</summary>
    public bool UseMonitor { get; set; } = true;
}
