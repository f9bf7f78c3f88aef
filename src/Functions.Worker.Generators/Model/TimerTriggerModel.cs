namespace Functions.Worker.Generators.Model;

/// <summary>A <c>[TimerTrigger]</c>.</summary>
internal sealed record TimerTriggerModel(string Schedule, bool RunOnStartup, bool UseMonitor) : TriggerModel;
