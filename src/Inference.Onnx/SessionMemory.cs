namespace Inference.Onnx;

/// <summary>
/// The memory that ONNX Runtime takes at most to open a model, by the size of its files. Measured with 50, 150 and 300 MB of weights:
/// docs/performance.md, "Memory of a load".
/// </summary>
internal static class SessionMemory
{
    /// <summary>Smaller models are opened without care for the heap, which takes a moment.</summary>
    public const long Large = 16 << 20;

    /// <summary>The additional memory of the first session of a process, for any model.</summary>
    private const long Base = 32 << 20;

    /// <summary>Measured: matrices 1.0, convolutions 2.1, one large tensor 2.1, FP16, which is computed in FP32, 3.0.</summary>
    private const double Opening = 2.75;

    /// <summary>Measured: matrices 2.0, convolutions 2.1, one large tensor 3.1, FP16 4.0.</summary>
    private const double Graph = 4;

    /// <summary>To open a session of a model or of its optimized graph, beside others or as the first.</summary>
    public static long OfOpening(long size) => Base + (long)(Opening * size);

    /// <summary>To write a model's optimized graph, and then to open it.</summary>
    public static long OfGraph(long size) => Base + (long)(Graph * size);
}
