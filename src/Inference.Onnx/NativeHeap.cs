using System.Runtime.InteropServices;

namespace Inference.Onnx;

/// <summary>The C library's heap, where ONNX Runtime keeps its weights.</summary>
internal static unsafe class NativeHeap
{
    // Of malloc.h.
    private const int TrimThreshold = -1;
    private const int MapThreshold = -3;
    private const int ArenaMax = -8;

    /// <summary>Most of a large model's weights are in tensors that are larger.</summary>
    private const int WhileLoading = 1 << 20;

    /// <summary>The largest that glibc takes, and reaches by itself once such a block was freed: blocks of runs are used again.</summary>
    private const int Otherwise = 32 << 20;

    private static readonly Lock Gate = new();
    private static int _loads;

    /// <summary>
    /// Limits glibc's arenas to one for each processor, as many as there are runs at once. By itself it has eight for each, and each keeps
    /// some ten megabytes of what loads on different threads have freed. Call this at the start of the process. MALLOC_ARENA_MAX in the
    /// environment counts instead.
    /// </summary>
    public static void LimitArenas()
    {
        if (Environment.GetEnvironmentVariable("MALLOC_ARENA_MAX") is null && Find("mallopt") is not 0 and var address)
            _ = ((delegate* unmanaged<int, int, int>)address)(ArenaMax, Math.Max(2, Environment.ProcessorCount));
    }

    /// <summary>
    /// Gives freed memory back to the system. Only glibc needs, and has, such a call: it keeps for itself the holes that a
    /// session's weights leave, so that the process would grow with every reload (microsoft/onnxruntime#26831).
    /// </summary>
    public static void Trim()
    {
        if (Find("malloc_trim") is var address && address != 0)
            _ = ((delegate* unmanaged<nuint, int>)address)(0);
    }

    /// <summary>
    /// Does work that allocates the weights of a large model, several times over. Each copy goes back to the system when it is freed. By
    /// itself glibc keeps them until the heap is trimmed, and a load of convolutions then takes 3.0 times the model's file instead of 2.1.
    /// </summary>
    public static T Load<T>(Func<T> load)
    {
        Use(+1);
        try
        {
            return load();
        }
        finally
        {
            Use(-1);
            Trim();
        }
    }

    private static void Use(int loads)
    {
        if (Find("mallopt") is not (not 0 and var address))
            return;
        var set = (delegate* unmanaged<int, int, int>)address;
        lock (Gate)
        {
            _loads += loads;
            _ = set(MapThreshold, _loads > 0 ? WhileLoading : Otherwise);
            _ = set(TrimThreshold, 2 * Otherwise);
        }
    }

    private static nint Find(string function) =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), function, out var address)
            ? address
            : 0;
}
