namespace Inference.Models;

/// <summary>The fastest measured way to run a model on this machine.</summary>
/// <param name="Threads">
/// The threads that one run may take: one, on its compute slot, and the rest on processors that nothing else wants.
/// </param>
/// <param name="MaxBatch">The most items that one run should take; 1 where batching does not pay.</param>
public sealed record ExecutionPlan(int Threads, int MaxBatch)
{
    /// <summary>Before anything was measured: one processor, and enough rows for a matrix kernel to reuse its weights.</summary>
    public static ExecutionPlan Default { get; } = new(Threads: 1, MaxBatch: 32);
}
