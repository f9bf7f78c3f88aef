using System.Runtime.InteropServices;

namespace Inference.Onnx;

/// <summary>The C library's heap, where ONNX Runtime keeps its weights.</summary>
internal static unsafe class NativeHeap
{
    /// <summary>
    /// Gives freed memory back to the system. Only glibc needs, and has, such a call: it keeps for itself the holes that a
    /// session's weights leave, so that the process would grow with every reload (microsoft/onnxruntime#26831).
    /// </summary>
    public static void Trim()
    {
        if (OperatingSystem.IsLinux() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out var address))
            _ = ((delegate* unmanaged<nuint, int>)address)(0);
    }
}
