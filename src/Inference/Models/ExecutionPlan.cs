namespace Inference.Models;

/// <summary>The fastest measured way to run a model on this machine.</summary>
/// <param name="Threads">
/// The threads that one run may use: one on its compute slot, and the rest on processors that nothing else needs.
/// </param>
/// <param name="MaxBatch">The maximum number of items that one run should have; 1 where batches are not faster.</param>
public sealed record ExecutionPlan(int Threads, int MaxBatch)
{
    /// <summary>The plan before any measurement: one thread, and enough items for a matrix kernel to reuse its weights.</summary>
    public static ExecutionPlan Default { get; } = new(Threads: 1, MaxBatch: 32);
}
