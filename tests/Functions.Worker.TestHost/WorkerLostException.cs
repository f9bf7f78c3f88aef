namespace Functions.Worker.TestHost;

/// <summary>The worker was lost while the host waited for its reply.</summary>
public sealed class WorkerLostException(string message) : Exception(message);
