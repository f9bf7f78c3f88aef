namespace Functions.Worker.TestHost;

/// <summary>What the host started: a process, or a worker scripted in a test. Disposing it ends it the hard way.</summary>
public interface IWorker : IAsyncDisposable
{
    /// <summary>Everything it wrote to stdout and stderr.</summary>
    string Output { get; }

    /// <summary>The processor time that it has used.</summary>
    TimeSpan ProcessorTime { get; }

    /// <summary>Its exit code, when it has ended.</summary>
    Task<int> Exited { get; }
}
