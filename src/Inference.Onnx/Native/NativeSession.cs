using Inference.Models.Settings;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Native;

/// <summary>Creates sessions of ONNX Runtime.</summary>
internal static class NativeSession
{
    /// <summary>Creates the options of a session. The caller disposes them.</summary>
    /// <param name="threads">The number of threads per run.</param>
    /// <param name="zeroesMemory">Whether the memory of runs contains zeros before a kernel writes it.</param>
    public static SessionOptions CreateOptions(MemoryProfile profile, int threads, bool zeroesMemory = false)
    {
        var options = new SessionOptions
        {
            // The governor executes several runs at the same time, each on a compute slot. By default, ONNX Runtime would start a thread
            // for each processor of the machine, even if the container is limited to fewer.
            IntraOpNumThreads = threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            // An arena is a memory pool of ONNX Runtime. All runs share its lock. The arena never returns memory to the system. Memory
            // patterns, which plan a run's allocations in advance, need an arena and fixed shapes.
            EnableCpuMemArena = profile == MemoryProfile.Latency,
            EnableMemoryPattern = false,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        // Prepacked weights are a second copy of the weights, in the order in which the kernels read them.
        if (profile == MemoryProfile.Lean)
            options.AddSessionConfigEntry("session.disable_prepacking", "1");
        if (zeroesMemory)
            ZeroedMemory.Configure(options);
        if (threads > 1)
            HelperThreads.Configure(options);
        return options;
    }

    /// <summary>Opens a model file or an optimized graph. The caller disposes the session.</summary>
    /// <exception cref="OnnxRuntimeException">The file does not load.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static InferenceSession Open(string path, SessionOptions options, CancellationToken cancellationToken)
    {
        // Disposing the registration waits for a running callback. So no callback uses the options after the caller has disposed them.
        using var registration =
            cancellationToken.UnsafeRegister(static options => ((SessionOptions)options!).SetLoadCancellationFlag(true), options);
        try
        {
            return new FileInfo(path).Length < SessionMemory.LargeFile
                ? new InferenceSession(path, options)
                : NativeHeap.RunLoad(() => new InferenceSession(path, options));
        }
        catch (OnnxRuntimeException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw;
        }
    }
}
