namespace Functions.Worker.TestHost;

/// <summary>The half of an HTTP invocation that is sent first: the forwarded request, or the InvocationRequest.</summary>
public enum InvocationOrder
{
    /// <summary>
    /// The host starts to forward the request and then sends the InvocationRequest, as the real host does. Either may arrive first.
    /// </summary>
    ForwardFirst,

    /// <summary>The worker has read the InvocationRequest before the request is forwarded.</summary>
    InvocationFirst,

    /// <summary>The request is forwarded at once. The InvocationRequest waits for <see cref="FunctionsHostOptions.Signal"/>.</summary>
    OnSignal,
}
