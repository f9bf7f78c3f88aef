namespace Functions.Worker.TestHost;

/// <summary>A started worker: a process, or a worker that a test scripts. Disposal kills the worker.</summary>
public interface IWorker : IAsyncDisposable
{
    /// <summary>The text that the worker wrote to stdout and stderr.</summary>
    string Output { get; }

    /// <summary>The processor time that the worker has used.</summary>
    TimeSpan ProcessorTime { get; }

    /// <summary>Completes with the exit code when the worker has ended.</summary>
    Task<int> Exited { get; }
}
