namespace Functions.Worker.TestHost;

/// <summary>How long the host waits; the defaults are the real host's where it has one.</summary>
public sealed record HostLimits
{
    public TimeSpan StartStream { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan Initialize { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Index { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan Load { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan Status { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Reload { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The real host's functionTimeout is minutes; a test wants to know sooner.</summary>
    public TimeSpan Invocation { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long the end of an HTTP response may be behind its InvocationResponse. They come on two connections, so that even
    /// when they are sent in the right order the second can be read first.
    /// </summary>
    public TimeSpan HttpEnd { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>What a WorkerTerminate grants the work in flight; the process may take as long again to end.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);
}
