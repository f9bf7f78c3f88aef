namespace Functions.Tests.Memory;

/// <summary>A request that makes the server use much memory, whether it is honest or an attack.</summary>
/// <param name="SendAsync">Sends the request, and returns its HTTP status, or its gRPC status as a negative number.</param>
/// <param name="Allowed">The documented statuses of the request.</param>
internal sealed record MemoryAttack(string Name, Func<MemoryTarget, CancellationToken, Task<int>> SendAsync, params int[] Allowed);
