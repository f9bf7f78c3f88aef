namespace Functions.Tests.Memory;

/// <summary>A request that makes a server hold much memory, honest or not.</summary>
/// <param name="SendAsync">Sends one and returns its HTTP status, or a gRPC status as a negative number.</param>
/// <param name="Allowed">The statuses that are documented for it.</param>
internal sealed record MemoryAttack(string Name, Func<MemoryTarget, CancellationToken, Task<int>> SendAsync, params int[] Allowed);
