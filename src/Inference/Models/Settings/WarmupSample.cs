namespace Inference.Models.Settings;

/// <summary>A request that warms a model up.</summary>
/// <param name="Request">The JSON of a predict or an Open Inference body; null for generated inputs.</param>
/// <param name="Count">How often it runs: 1 to <see cref="MaxCount"/>.</param>
public sealed record WarmupSample(string? Request, int Count)
{
    public const int MaxCount = 1000;
}
