using Inference.Models;
using Inference.Models.Settings;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Preparation;

/// <summary>
/// A model as ONNX Runtime has optimized it for this processor, in its own format: it is mapped into memory, not parsed.
/// </summary>
internal static class OptimizedGraph
{
    /// <summary>Writes the graph of a model.</summary>
    /// <exception cref="OnnxRuntimeException">The model cannot be written in this format.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static void Build(string modelPath, string target, CancellationToken cancellationToken)
    {
        // Prepacked weights are not in the file, and would be one more copy in memory.
        using var options = NativeSession.Options(MemoryProfile.Lean, ExecutionPlan.Default.Threads);
        options.OptimizedModelFilePath = target;
        options.AddSessionConfigEntry("session.save_model_format", "ORT");
        using var session = NativeSession.Open(modelPath, options, cancellationToken);
    }

    /// <exception cref="OnnxRuntimeException">The file is no such graph.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static InferenceSession Open(string path, MemoryProfile profile, int threads, CancellationToken cancellationToken)
    {
        using var options = NativeSession.Options(profile, threads);
        options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
        options.AddSessionConfigEntry("session.load_model_format", "ORT");
        options.AddSessionConfigEntry("session.use_memory_mapped_ort_model", "1");
        // Used where they lie, weights take no memory of the process's own; but there they are not aligned as vector instructions
        // want them, which makes the runs of convolutions an eighth slower.
        if (profile == MemoryProfile.Lean)
            options.AddSessionConfigEntry("session.use_ort_model_bytes_for_initializers", "1");
        return NativeSession.Open(path, options, cancellationToken);
    }

    /// <summary>Whether the graph in a file answers as the model does.</summary>
    /// <exception cref="OnnxRuntimeException">The file is no such graph.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static async Task<bool> IsCorrectAsync(
        string path, ModelId id, OnnxSession model, TrialRuns runs, CancellationToken cancellationToken)
    {
        var threads = ExecutionPlan.Default.Threads;
        var native = Open(path, MemoryProfile.Balanced, threads, cancellationToken);
        var graph = new OnnxSession(native, OnnxSignature.Read(id, native), threads) { Journaled = model.Journaled };
        await using (graph.ConfigureAwait(false))
            return await OutputCheck.AgreeAsync(model, graph, runs, cancellationToken).ConfigureAwait(false);
    }
}
