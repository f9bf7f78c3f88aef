using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Standalone;

/// <summary>What a gRPC method asks of its caller, as metadata of its endpoint; without it, the function key.</summary>
public sealed record AccessLevel(AuthorizationLevel Level);
