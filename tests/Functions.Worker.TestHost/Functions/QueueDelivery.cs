namespace Functions.Worker.TestHost;

/// <summary>What became of a queue message, after as many attempts as it took.</summary>
/// <param name="Attempts">Each invocation, the last one last.</param>
/// <param name="IsPoison">Whether it failed too often, and was moved to the poison queue.</param>
public sealed record QueueDelivery(IReadOnlyList<InvocationResult> Attempts, bool IsPoison)
{
    public InvocationResult Last => Attempts[^1];
}
