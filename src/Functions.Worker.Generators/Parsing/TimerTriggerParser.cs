using System.Globalization;
using Functions.Worker.Generators.Model;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Reads a <c>[TimerTrigger]</c> and its schedule.</summary>
internal static class TimerTriggerParser
{
    public static TimerTriggerModel Parse(string function, IParameterSymbol parameter, AttributeData trigger, List<Finding> findings)
    {
        var schedule = trigger.Text();
        if (!QueueParser.IsSetting(schedule) && !IsInterval(schedule) && !CronSchedule.IsValid(schedule))
            findings.Add(Finding.Of(Rules.Schedule, SourceSpan.From(parameter), schedule, function));
        QueueParser.CheckSettings(function, parameter, schedule, findings);
        return new TimerTriggerModel(schedule, trigger.Named("RunOnStartup") is true, trigger.Named("UseMonitor") is not false);
    }

    /// <summary>A bare number would be days, which nobody means.</summary>
    private static bool IsInterval(string text) =>
        text.Contains(':') && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero;
}
