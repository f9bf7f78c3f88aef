namespace Functions.Worker.TestHost;

/// <summary>Fails the test of a worker that broke the protocol.</summary>
public sealed class WorkerViolationException(string message) : Exception(message);
