namespace Inference.Diagnostics;

/// <summary>The statistics of the runs of one batch size.</summary>
/// <param name="batchSize">The number of items.</param>
public sealed class RunStatistics(int batchSize)
{
    public int BatchSize { get; } = batchSize;

    /// <summary>The time for joining batches. Only joined runs count, because a run of a single request needs no joining.</summary>
    public DurationCount Input { get; } = new();

    /// <summary>The time of the model itself, for all runs.</summary>
    public DurationCount Infer { get; } = new();

    /// <summary>The time for splitting results. Only joined runs count.</summary>
    public DurationCount Output { get; } = new();
}
