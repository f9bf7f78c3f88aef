namespace Functions.Worker.TestHost;

/// <summary>The result of delivering a queue message until it succeeded or became poison.</summary>
/// <param name="Attempts">The invocations in order.</param>
/// <param name="IsPoison">Whether the message failed too often and was moved to the poison queue.</param>
public sealed record QueueDelivery(IReadOnlyList<InvocationResult> Attempts, bool IsPoison)
{
    public InvocationResult Last => Attempts[^1];
}
