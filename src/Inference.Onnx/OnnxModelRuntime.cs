using Inference.Models;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx;

/// <summary>Runs ONNX models in this process, on the thread that starts the run.</summary>
public sealed class OnnxModelRuntime : IModelRuntime
{
    /// <summary>
    /// Begins, in the background, what the first load would otherwise wait for: the system's loader takes longest on the native
    /// library. A failure is kept, and is the reason why models do not load.
    /// </summary>
    public static void Preload() => _ = Task.Run(OnnxEnvironment.EnsureCreated);

    public Task<IModelSession> LoadAsync(ModelId id, ModelFiles files, CancellationToken cancellationToken) =>
        // A thread of its own: a load computes for as long as it takes, and the pool has requests to serve.
        Task.Factory.StartNew<IModelSession>(
            () => Load(id, files, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static OnnxSession Load(ModelId id, ModelFiles files, CancellationToken cancellationToken)
    {
        OnnxEnvironment.EnsureCreated();
        using var options = CreateOptions();
        // Declared after the options, so that the registration is gone before they are.
        using var registration = cancellationToken.UnsafeRegister(static options => ((SessionOptions)options!).SetLoadCancellationFlag(true), options);
        var session = Open(id, files.ModelPath, options, cancellationToken);
        try
        {
            return new OnnxSession(session, OnnxSignature.Read(id, session));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    private static InferenceSession Open(ModelId id, string path, SessionOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {id} does not load: ONNX Runtime says \"{OnnxSession.Reason(e)}\". Check that the file is a complete ONNX model of a supported opset.",
                e);
        }
    }

    private static SessionOptions CreateOptions()
    {
        var options = new SessionOptions
        {
            // The governor's slots are the parallelism; ONNX Runtime would size its pools by the host, not the container.
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            // One arena is a lock that all runs share and memory that never comes back; patterns need it and fixed shapes.
            EnableCpuMemArena = false,
            EnableMemoryPattern = false,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        return options;
    }
}
