namespace Inference.Models.Settings;

/// <summary>A request that warms up a model.</summary>
/// <param name="Request">The JSON of a predict or an Open Inference body; null for generated inputs.</param>
/// <param name="Count">The number of runs: 1 to <see cref="MaxCount"/>.</param>
public sealed record WarmupSample(string? Request, int Count)
{
    /// <summary>The largest value of <see cref="Count"/>.</summary>
    public const int MaxCount = 1000;

    /// <summary>The line of the request in <c>model.json</c>, for messages; 0 without a request.</summary>
    public int Line { get; init; }

    /// <summary>The column of the request in its line, in bytes; 0 without a request.</summary>
    public int Column { get; init; }

    /// <summary>The JSON path of the request; empty without a request.</summary>
    public string Path { get; init; } = "";
}
