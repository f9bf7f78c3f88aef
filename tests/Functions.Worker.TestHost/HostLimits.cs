namespace Functions.Worker.TestHost;

/// <summary>
/// The timeouts of the host. The real host waits 10 s for the answers to WorkerInitRequest and WorkerStatusRequest, 30 s for a reload, and
/// 60 s for other steps. Here all steps have a minute, because a machine that runs many tests may delay a correct worker by seconds.
/// </summary>
public sealed record HostLimits
{
    private static readonly TimeSpan Step = TimeSpan.FromMinutes(1);

    public TimeSpan StartStream { get; init; } = Step;

    public TimeSpan Initialize { get; init; } = Step;

    public TimeSpan Index { get; init; } = Step;

    public TimeSpan Load { get; init; } = Step;

    public TimeSpan Status { get; init; } = Step;

    public TimeSpan Reload { get; init; } = Step;

    /// <summary>The timeout of an invocation, like the real host's functionTimeout.</summary>
    public TimeSpan Invocation { get; init; } = Step;

    /// <summary>
    /// How much later than its InvocationResponse an HTTP response may end. The two use different connections, so they may be received
    /// in a different order.
    /// </summary>
    public TimeSpan HttpEnd { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The grace period of a WorkerTerminate.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the process may take to end after the grace period.</summary>
    public TimeSpan Exit { get; init; } = Step;
}
