namespace Inference.Onnx;

/// <summary>
/// Estimates the maximum memory that ONNX Runtime uses to open a model, from the size of the model's files. The factors were measured with
/// 50, 150 and 300 MB of weights: docs/performance.md, "Memory of a load".
/// </summary>
internal static class SessionMemory
{
    /// <summary>The size in bytes from which a load changes the settings of <see cref="NativeHeap"/>, which costs a little time.</summary>
    public const long LargeFile = 16 << 20;

    /// <summary>The additional memory of the first session of a process, for any model.</summary>
    private const long Base = 32 << 20;

    /// <summary>
    /// The factor for opening. Measured: matrices 1.0, convolutions 2.1, one large tensor 2.1, FP16, which is computed in FP32, 3.0.
    /// </summary>
    private const double Opening = 2.75;

    /// <summary>The factor for an optimized graph. Measured: matrices 2.0, convolutions 2.1, one large tensor 3.1, FP16 4.0.</summary>
    private const double Graph = 4;

    /// <summary>Returns the bytes for opening a session of a model or of its optimized graph.</summary>
    public static long ForOpening(long size) => Base + (long)(Opening * size);

    /// <summary>Returns the bytes for writing a model's optimized graph and then opening it.</summary>
    public static long ForWritingGraph(long size) => Base + (long)(Graph * size);
}
