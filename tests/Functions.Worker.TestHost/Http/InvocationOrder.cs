namespace Functions.Worker.TestHost;

/// <summary>Which half of an HTTP invocation the worker is sent first: the request, or the InvocationRequest.</summary>
public enum InvocationOrder
{
    /// <summary>As the real host: starts forwarding the request, then sends the InvocationRequest. The two race.</summary>
    ForwardFirst,

    /// <summary>The worker has read the InvocationRequest before the request is forwarded.</summary>
    InvocationFirst,

    /// <summary>The request is forwarded at once, the InvocationRequest waits for the test.</summary>
    OnSignal,
}
