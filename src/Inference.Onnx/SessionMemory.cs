using Inference.Onnx.Native;

namespace Inference.Onnx;

/// <summary>
/// Estimates the maximum memory that ONNX Runtime uses to open a model, from the size of the model's files. The factors were measured with
/// 50, 150 and 300 MB of weights: docs/performance.md, "Memory of a load".
/// </summary>
internal static class SessionMemory
{
    /// <summary>The size in bytes from which a load changes the settings of <see cref="NativeHeap"/>, which costs a little time.</summary>
    public const long LargeFile = 16 << 20;

    /// <summary>The additional memory of the first session of a process, in bytes, for any model.</summary>
    private const long BaseSize = 32 << 20;

    /// <summary>
    /// The factor for opening a session. The measured factors are 1.0 for matrices, 2.1 for convolutions and for one large tensor, and 3.0
    /// for FP16, whose weights are converted to FP32. Loads reserve at most nine tenths of the memory limit. The last tenth covers the
    /// difference between 2.75 and 3.0.
    /// </summary>
    private const double OpeningFactor = 2.75;

    /// <summary>
    /// The factor for writing an optimized graph. The measured factors are 2.0 for matrices, 2.1 for convolutions, 3.1 for one large
    /// tensor, and 4.0 for FP16.
    /// </summary>
    private const double GraphFactor = 4;

    /// <summary>Returns the estimate in bytes for opening a session of a model, or of the model's optimized graph.</summary>
    public static long ForOpening(long size) => BaseSize + (long)(OpeningFactor * size);

    /// <summary>Returns the estimate in bytes for writing a model's optimized graph and then opening the graph.</summary>
    public static long ForWritingGraph(long size) => BaseSize + (long)(GraphFactor * size);
}
