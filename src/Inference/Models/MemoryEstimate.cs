namespace Inference.Models;

/// <summary>The memory of a model, as far as it is known before its load.</summary>
/// <param name="Loading">The most bytes that it uses while it loads; at least <paramref name="Loaded"/>.</param>
/// <param name="Loaded">The bytes that it uses after its load.</param>
public readonly record struct MemoryEstimate(long Loading, long Loaded);
