namespace Functions.Worker.TestHost;

/// <summary>The timeouts of the host. The defaults are those of the real host, if it has such a timeout.</summary>
public sealed record HostLimits
{
    public TimeSpan StartStream { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan Initialize { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Index { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan Load { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan Status { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan Reload { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The timeout of an invocation. The real host's functionTimeout is several minutes, which is too long for a test.</summary>
    public TimeSpan Invocation { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How much later than its InvocationResponse an HTTP response may end. The two use different connections, so they may be read in
    /// another order than they were sent.
    /// </summary>
    public TimeSpan HttpEnd { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The grace period of a WorkerTerminate. Afterwards, the process may take the same time again to end.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);
}
