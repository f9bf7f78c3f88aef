namespace Inference.Diagnostics;

/// <summary>The statistics of the runs of one batch size. Runs of a single request have no time for joining and splitting.</summary>
/// <param name="batchSize">The number of items.</param>
public sealed class RunStatistics(int batchSize)
{
    public int BatchSize { get; } = batchSize;

    /// <summary>The time for joining batches; counts joined runs only.</summary>
    public DurationCount Input { get; } = new();

    /// <summary>The time of the model itself, for all runs.</summary>
    public DurationCount Infer { get; } = new();

    /// <summary>The time for splitting results; counts joined runs only.</summary>
    public DurationCount Output { get; } = new();
}
