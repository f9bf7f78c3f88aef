using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Native;

/// <summary>
/// An allocator of ONNX Runtime whose memory contains zeros. Sessions of models with <see cref="ZeroSizes.UnwrittenProducts"/> use it, so
/// that an output that no kernel writes cannot contain data of other callers. Zeros are also the right result of an empty sum.
/// </summary>
internal static unsafe class ZeroedMemory
{
    /// <summary>The alignment in bytes that the kernels of ONNX Runtime expect.</summary>
    private const nuint Alignment = 64;

    /// <summary>Registers the allocator at its first use, and keeps the description of its memory until the process ends.</summary>
    private static readonly Lazy<OrtMemoryInfo> Registration = new(Register);

    /// <summary>Makes sessions with these options use the allocator.</summary>
    /// <exception cref="InvalidOperationException">ONNX Runtime rejects the allocator.</exception>
    public static void Configure(SessionOptions options)
    {
        _ = Registration.Value;
        options.AddSessionConfigEntry("session.use_env_allocators", "1");
    }

    /// <summary>Registers the allocator for the whole process. It lives until the process ends.</summary>
    private static OrtMemoryInfo Register()
    {
        var memory = new OrtMemoryInfo(OrtMemoryInfo.allocatorCPU, OrtAllocatorType.DeviceAllocator, 0, OrtMemType.Default);
        var allocator = (Allocator*)NativeMemory.AllocZeroed((nuint)sizeof(Allocator));
        *allocator = new Allocator
        {
            Version = OrtApi.Version,
            Allocate = &Allocate,
            Free = &Free,
            GetInfo = &GetInfo,
            Info = memory.DangerousGetHandle(),
        };
        OrtApi.RegisterAllocator(OrtEnv.Instance().DangerousGetHandle(), (nint)allocator);
        return memory;
    }

    /// <summary>
    /// Allocates memory. The C library knows which new memory the system has cleared already, so it clears only reused memory. The address
    /// of the whole block is stored before the aligned memory.
    /// </summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Allocate(Allocator* allocator, nuint size)
    {
        if (size == 0 || size > nuint.MaxValue - (2 * Alignment))
            return 0;
        nuint block;
        try
        {
            block = (nuint)NativeMemory.AllocZeroed(size + (2 * Alignment));
        }
        catch (OutOfMemoryException)
        {
            // ONNX Runtime reports a null pointer as a failed allocation.
            return 0;
        }

        var aligned = (block + (2 * Alignment) - 1) & ~(Alignment - 1);
        ((nuint*)aligned)[-1] = block;
        return (nint)aligned;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Free(Allocator* allocator, nint memory)
    {
        if (memory != 0)
            NativeMemory.Free((void*)((nuint*)memory)[-1]);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint GetInfo(Allocator* allocator) => allocator->Info;

    /// <summary>The first members of <c>OrtAllocator</c> (onnxruntime_c_api.h), followed by a member of this class.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Allocator
    {
        /// <summary>The version of the C API. ONNX Runtime reads later members only of allocators with a later version.</summary>
        public uint Version;
        public delegate* unmanaged[Cdecl]<Allocator*, nuint, nint> Allocate;
        public delegate* unmanaged[Cdecl]<Allocator*, nint, void> Free;
        public delegate* unmanaged[Cdecl]<Allocator*, nint> GetInfo;
        public nint Info;
    }
}
