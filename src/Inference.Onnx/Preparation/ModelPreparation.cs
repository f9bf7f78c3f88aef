using System.Diagnostics.CodeAnalysis;
using Inference.Models;
using Inference.Onnx.Cache;
using Inference.Serving;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Preparation;

/// <summary>
/// What is done for a model while it serves, one model at a time, so that its next start is faster and its runs are of the best size:
/// its optimized graph is written and its plan measured, and both are kept.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing to dispose.")]
internal sealed class ModelPreparation(GraphCache cache, Governor governor, TimeProvider time, ILogger logger)
{
    /// <summary>The requests for which the model was loaded come first.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turn = new(1);

    /// <param name="identity">What the cache calls the file, from before it was read; null without a cache.</param>
    /// <param name="known">What the cache knows of the model already.</param>
    /// <param name="graphPays">The load took long enough for a faster one to matter.</param>
    /// <param name="stop">The session is about to be disposed, and waits for this to end.</param>
    public async Task RunAsync(
        ModelId id, string modelPath, string? identity, CacheEntry? known, bool graphPays, OnnxSession session, CancellationToken stop)
    {
        try
        {
            await Task.Delay(Delay, time, stop).ConfigureAwait(false);
            await _turn.WaitAsync(stop).ConfigureAwait(false);
            try
            {
                // A thread of its own, as for a load.
                var entry = known ?? await Task.Factory.StartNew(
                    () => identity is null ? null : FindOrBuild(id, modelPath, identity, graphPays, session, stop),
                    stop, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
                session.Plan = entry?.Plan ?? await PlanSweep.RunAsync(session, governor, stop).ConfigureAwait(false);
                if (entry is not null && identity is not null)
                    cache.Write(entry with { Plan = session.Plan }, modelPath, identity);
                logger.ModelPrepared(id, entry?.GraphHash ?? "none", session.Plan);
            }
            finally
            {
                _turn.Release();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            logger.PreparationFailed(e, id);
        }
    }

    private CacheEntry? FindOrBuild(ModelId id, string modelPath, string identity, bool graphPays, OnnxSession session, CancellationToken stop)
    {
        if (cache.ContentKey(modelPath, stop) is not { } key)
            return null;
        if (cache.FindByContent(key) is { } known)
            return known;
        var entry = (graphPays ? BuildGraph(id, modelPath, key, session, stop) : null) ?? new CacheEntry(key, GraphHash: null, Plan: null);
        // Before the plan is measured: whoever stops that keeps this.
        cache.Write(entry, modelPath, identity);
        return entry;
    }

    private CacheEntry? BuildGraph(ModelId id, string modelPath, string key, OnnxSession session, CancellationToken stop)
    {
        if (cache.TemporaryPath() is not { } temporary)
            return null;
        try
        {
            OptimizedGraph.Build(modelPath, temporary, stop);
            if (OptimizedGraph.IsRight(temporary, id, session, stop))
                return cache.Publish(temporary, key);
            logger.GraphNotMade(id, "it does not answer inputs made up for it as the model does, or takes none of them");
            return null;
        }
        catch (OnnxRuntimeException e)
        {
            logger.GraphNotMade(id, OnnxSession.Reason(e));
            return null;
        }
        finally
        {
            cache.Delete(temporary);
        }
    }
}
