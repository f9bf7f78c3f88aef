namespace Inference.Diagnostics;

/// <summary>Runs of one batch size. Those of one request have nothing to gather or deal out.</summary>
/// <param name="batchSize">Items.</param>
public sealed class RunStatistics(int batchSize)
{
    public int BatchSize { get; } = batchSize;

    public DurationCount Input { get; } = new();

    /// <summary>The model's part; counts all runs.</summary>
    public DurationCount Infer { get; } = new();

    public DurationCount Output { get; } = new();
}
