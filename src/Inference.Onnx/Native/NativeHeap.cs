using System.Runtime.InteropServices;

namespace Inference.Onnx.Native;

/// <summary>Controls the heap of the C library, in which ONNX Runtime allocates weights.</summary>
internal static unsafe class NativeHeap
{
    // The options M_TRIM_THRESHOLD, M_MMAP_THRESHOLD and M_ARENA_MAX of mallopt(3), with their numbers in malloc.h.
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;
    private const int ArenaMax = -8;

    /// <summary>
    /// The mmap threshold in bytes during a load. Blocks above the threshold are mapped separately, and returned to the system when they
    /// are freed. Most weights of a large model are in tensors above this size.
    /// </summary>
    private const int LoadMapThreshold = 1 << 20;

    /// <summary>
    /// The mmap threshold in bytes outside loads: the largest value that glibc chooses automatically. The blocks that a run allocates
    /// are smaller, so the heap reuses them.
    /// </summary>
    private const int DefaultMapThreshold = 32 << 20;

    private static readonly Lock Gate = new();
    private static int _loadCount;

    /// <summary>
    /// Limits glibc's arenas to one per processor (at least two), because at most one run per processor is in progress. The default is
    /// eight arenas per processor. Loads run on different threads, and each arena would keep tens of megabytes that such loads have freed.
    /// Call this at the start of the process. The environment variable MALLOC_ARENA_MAX takes precedence.
    /// </summary>
    public static void LimitArenas()
    {
        if (Environment.GetEnvironmentVariable("MALLOC_ARENA_MAX") is null && FindFunction("mallopt") is not 0 and var address)
            _ = ((delegate* unmanaged<int, int, int>)address)(ArenaMax, Math.Max(2, Environment.ProcessorCount));
    }

    /// <summary>
    /// Returns freed memory to the system. Without this call, glibc keeps the gaps where a session's weights were, and the process grows
    /// with every reload (microsoft/onnxruntime#26831). Other C libraries do not have the function, and do not need it.
    /// </summary>
    public static void Trim()
    {
        if (FindFunction("malloc_trim") is not 0 and var address)
            _ = ((delegate* unmanaged<nuint, int>)address)(0);
    }

    /// <summary>
    /// Runs a load, which allocates several copies of a large model's weights. Each freed copy is returned to the system at once. By
    /// default, glibc keeps the copies until the heap is trimmed. With this method, the load of a model with convolutions uses 2.1 times
    /// the size of the model file; without it, 3.0 times.
    /// </summary>
    public static T RunLoad<T>(Func<T> load)
    {
        ChangeLoadCount(+1);
        try
        {
            return load();
        }
        finally
        {
            ChangeLoadCount(-1);
            Trim();
        }
    }

    private static void ChangeLoadCount(int change)
    {
        if (FindFunction("mallopt") is not (not 0 and var address))
            return;
        var setOption = (delegate* unmanaged<int, int, int>)address;
        lock (Gate)
        {
            _loadCount += change;
            _ = setOption(MapThreshold, _loadCount > 0 ? LoadMapThreshold : DefaultMapThreshold);
            _ = setOption(TrimThreshold, 2 * DefaultMapThreshold);
        }
    }

    private static nint FindFunction(string function) =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), function, out var address)
            ? address
            : 0;
}
