namespace Inference.Models.Settings;

/// <summary>The use of memory by a loaded model between its runs.</summary>
public enum MemoryProfile
{
    /// <summary>A compromise between the two other profiles.</summary>
    Balanced,

    /// <summary>Keeps all memory that any run has needed, so that later runs do not wait for memory.</summary>
    Latency,

    /// <summary>Keeps as little memory as possible, at the cost of slower runs.</summary>
    Lean,
}
