namespace Functions.Worker.TestHost;

/// <summary>How long after the start of the worker each step of its start was done.</summary>
public sealed record StartTimes(TimeSpan StreamStarted, TimeSpan Initialized, TimeSpan FunctionsLoaded);
