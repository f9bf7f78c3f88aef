namespace Inference.Models;

/// <summary>The memory of a model, as far as one can tell before its load.</summary>
/// <param name="Loading">Bytes that it takes at most while it loads, at least <paramref name="Loaded"/>.</param>
/// <param name="Loaded">Bytes that it takes afterwards.</param>
public readonly record struct MemoryEstimate(long Loading, long Loaded);
