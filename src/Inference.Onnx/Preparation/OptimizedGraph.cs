using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx.Native;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Preparation;

/// <summary>
/// Creates and opens models that ONNX Runtime has optimized for this processor, in the ORT format. Such a file is mapped into memory and
/// not parsed.
/// </summary>
internal static class OptimizedGraph
{
    /// <summary>Writes the graph of a model.</summary>
    /// <exception cref="OnnxRuntimeException">The model cannot be written in this format.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static void Build(string modelPath, string graphPath, CancellationToken cancellationToken)
    {
        // The lean profile creates no prepacked weights. Such weights are not written to the file, so they would only be another copy in
        // memory.
        using var options = NativeSession.CreateOptions(MemoryProfile.Lean, ExecutionPlan.Default.Threads);
        options.OptimizedModelFilePath = graphPath;
        options.AddSessionConfigEntry("session.save_model_format", "ORT");
        using var session = NativeSession.Open(modelPath, options, cancellationToken);
    }

    /// <summary>Opens a graph. The caller disposes the session.</summary>
    /// <exception cref="OnnxRuntimeException">The file is not an optimized graph.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static InferenceSession Open(
        string path, MemoryProfile profile, int threads, bool zeroesMemory, CancellationToken cancellationToken)
    {
        using var options = NativeSession.CreateOptions(profile, threads, zeroesMemory);
        options.GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL;
        options.AddSessionConfigEntry("session.load_model_format", "ORT");
        options.AddSessionConfigEntry("session.use_memory_mapped_ort_model", "1");
        // Weights that are used directly from the mapped file need no other memory. In the file, weights are not aligned for vector
        // instructions, which makes runs of convolutions an eighth slower. So only the lean profile uses the mapped weights.
        if (profile == MemoryProfile.Lean)
            options.AddSessionConfigEntry("session.use_ort_model_bytes_for_initializers", "1");
        return NativeSession.Open(path, options, cancellationToken);
    }

    /// <summary>Whether the graph in a file has the same results as the model.</summary>
    /// <exception cref="OnnxRuntimeException">The file is not an optimized graph.</exception>
    /// <exception cref="OperationCanceledException"/>
    public static async Task<bool> IsCorrectAsync(
        string path, ModelId id, OnnxSession model, TrialRuns runs, CancellationToken cancellationToken)
    {
        var threads = ExecutionPlan.Default.Threads;
        var native = Open(path, MemoryProfile.Balanced, threads, zeroesMemory: false, cancellationToken);
        var graph = new OnnxSession(native, OnnxSignature.Read(id, native), threads) { Journaled = model.Journaled };
        await using (graph.ConfigureAwait(false))
            return await OutputCheck.HaveEqualOutputsAsync(model, graph, runs, cancellationToken).ConfigureAwait(false);
    }
}
