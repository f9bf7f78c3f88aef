namespace Inference.Models.Settings;

/// <summary>The use of memory by a loaded model between its runs.</summary>
public enum MemoryProfile
{
    /// <summary>A compromise between the two other profiles.</summary>
    Balanced,

    /// <summary>Keeps all memory that it ever needed, so that no run waits for memory.</summary>
    Latency,

    /// <summary>Keeps as little memory as possible, at the cost of slower runs.</summary>
    Lean,
}
