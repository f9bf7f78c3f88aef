using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Standalone;

/// <summary>The key that a gRPC method requires, as metadata of its endpoint. Without it, the function key is required.</summary>
public sealed record AccessLevel(AuthorizationLevel Level);
