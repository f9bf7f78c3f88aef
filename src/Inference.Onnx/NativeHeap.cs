using System.Runtime.InteropServices;

namespace Inference.Onnx;

/// <summary>The C library's heap.</summary>
internal static unsafe class NativeHeap
{
    /// <summary>glibc alone has it; zero elsewhere.</summary>
    private static readonly delegate* unmanaged<nuint, int> Release = FindRelease();

    /// <summary>
    /// Gives freed memory back to the system. A session's weights leave holes in glibc's heap that it keeps for itself:
    /// reload after reload the process would grow by models that are gone (microsoft/onnxruntime#26831).
    /// </summary>
    public static void Trim()
    {
        if (Release != null)
            _ = Release(0);
    }

    private static delegate* unmanaged<nuint, int> FindRelease() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out var address)
            ? (delegate* unmanaged<nuint, int>)address
            : null;
}
