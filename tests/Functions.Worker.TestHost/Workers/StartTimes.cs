namespace Functions.Worker.TestHost;

/// <summary>The times from the start of the worker to the end of each step.</summary>
public sealed record StartTimes(TimeSpan StreamStarted, TimeSpan Initialized, TimeSpan FunctionsLoaded);
