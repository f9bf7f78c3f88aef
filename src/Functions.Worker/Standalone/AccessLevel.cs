using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Standalone;

/// <summary>The key that a gRPC method requires, as metadata of its endpoint. Default: the function key.</summary>
public sealed record AccessLevel(AuthorizationLevel Level);
