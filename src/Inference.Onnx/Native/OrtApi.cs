using System.Runtime.InteropServices;

namespace Inference.Onnx.Native;

/// <summary>
/// The functions of ONNX Runtime's C API that its .NET package does not have. The numbers are the positions of the functions in
/// <c>OrtApi</c> (onnxruntime_c_api.h), counted from 0.
/// </summary>
internal static unsafe partial class OrtApi
{
    /// <summary>
    /// The first version of the C API in which all functions of this class have these positions. Later versions only add functions.
    /// </summary>
    public const uint Version = 10;

    private static readonly nint* Functions = (nint*)OrtGetApiBase()->GetApi(Version);

    /// <summary>Sets the functions that start and join the helper threads of sessions.</summary>
    /// <exception cref="InvalidOperationException">ONNX Runtime rejects the functions.</exception>
    public static void SetThreadFunctions(
        nint options,
        delegate* unmanaged[Cdecl]<nint, delegate* unmanaged[Cdecl]<nint, void>, nint, nint> start,
        delegate* unmanaged[Cdecl]<nint, void> join)
    {
        ThrowIfFailed(((delegate* unmanaged<nint, nint, nint>)Functions[196])(options, (nint)start));
        ThrowIfFailed(((delegate* unmanaged<nint, nint, nint>)Functions[198])(options, (nint)join));
    }

    /// <summary>Registers an allocator for all sessions with <c>session.use_env_allocators</c>.</summary>
    /// <param name="allocator">An <c>OrtAllocator</c> that lives until the process ends.</param>
    /// <exception cref="InvalidOperationException">ONNX Runtime rejects the allocator.</exception>
    public static void RegisterAllocator(nint environment, nint allocator) =>
        ThrowIfFailed(((delegate* unmanaged<nint, nint, nint>)Functions[176])(environment, allocator));

    private static void ThrowIfFailed(nint status)
    {
        if (status == 0)
            return;
        var message = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)Functions[2])(status));
        ((delegate* unmanaged<nint, void>)Functions[93])(status);
        throw new InvalidOperationException($"ONNX Runtime rejects a function of this server: {message}");
    }

    [LibraryImport("onnxruntime")]
    private static partial ApiBase* OrtGetApiBase();

    [StructLayout(LayoutKind.Sequential)]
    private readonly struct ApiBase
    {
        public readonly delegate* unmanaged<uint, nint> GetApi;
    }
}
