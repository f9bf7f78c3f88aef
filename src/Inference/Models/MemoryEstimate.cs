namespace Inference.Models;

/// <summary>The memory that a model will use, estimated before its load.</summary>
/// <param name="Loading">The maximum number of bytes that the model uses while it loads; at least <paramref name="Loaded"/>.</param>
/// <param name="Loaded">The number of bytes that the model uses after its load.</param>
public readonly record struct MemoryEstimate(long Loading, long Loaded);
