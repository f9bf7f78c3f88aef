namespace Inference.Models.Settings;

/// <summary>The use of memory by a loaded model between its runs.</summary>
public enum MemoryProfile
{
    /// <summary>Something of both.</summary>
    Balanced,

    /// <summary>Keeps what it ever needed, so that no run waits for memory.</summary>
    Latency,

    /// <summary>Keeps as little as it can, at the price of slower runs.</summary>
    Lean,
}
