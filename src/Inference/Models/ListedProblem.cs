namespace Inference.Models;

/// <summary>A file or folder in a store that looks like a model but cannot be served.</summary>
/// <param name="Name">The name of the folder or file, which need not be the name of a model.</param>
/// <param name="Version">The version that cannot be served; null when the problem concerns the whole model.</param>
/// <param name="Reason">The problem, the expected state, and the fix, in one or more sentences.</param>
public sealed record ListedProblem(string Name, long? Version, string Reason);
