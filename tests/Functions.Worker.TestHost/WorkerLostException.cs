namespace Functions.Worker.TestHost;

/// <summary>The worker went away while something was waited for.</summary>
public sealed class WorkerLostException(string message) : Exception(message);
