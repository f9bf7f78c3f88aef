namespace Functions.Worker.TestHost;

/// <summary>
/// The timeouts of the host. The real host waits 10 s for the replies to WorkerInitRequest and WorkerStatusRequest, 30 s for a reload, and
/// 60 s for other steps. Here, the limit of each step is a minute, because a machine that runs many tests may delay a worker by seconds.
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
    /// The maximum time from an InvocationResponse to the end of its HTTP response. The two use different connections, so they may arrive
    /// in any order.
    /// </summary>
    public TimeSpan HttpEnd { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time that WorkerTerminate gives the worker to end.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The maximum time from the end of <see cref="Grace"/> to the exit of the process.</summary>
    public TimeSpan Exit { get; init; } = Step;
}
