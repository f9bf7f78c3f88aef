namespace Inference.Models;

/// <summary>Something in a store that looks like a model and cannot be served.</summary>
/// <param name="Name">The name of its folder or file, which need not be the name of a model.</param>
/// <param name="Version">The version that cannot be served; null when the problem concerns the whole model.</param>
/// <param name="Reason">What was found, what was expected, and what to do: one sentence or more.</param>
public sealed record ListedProblem(string Name, long? Version, string Reason);
