using System.Diagnostics.CodeAnalysis;
using Inference.Compute;
using Inference.Models;
using Inference.Onnx.Cache;
using Inference.Onnx.Crash;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Preparation;

/// <summary>
/// What is done for a model while it serves, one model at a time, so that its next start is faster and its runs are of the best size:
/// its optimized graph is written and its plan measured, and both are kept.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle nobody asks for holds nothing to dispose.")]
internal sealed class ModelPreparation(GraphCache cache, GraphShare? share, Governor governor, TimeProvider time, ILogger logger)
{
    /// <summary>The requests for which the model was loaded come first.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turn = new(1);

    /// <param name="identity">What the cache calls the file, from before it was read; null without a cache.</param>
    /// <param name="known">What the cache knows of the model already.</param>
    /// <param name="graphPays">The load took long enough for a faster one to matter.</param>
    /// <param name="stop">The session is about to be disposed, and waits for this to end.</param>
    public async Task RunAsync(
        SessionSource source, string? identity, CacheEntry? known, bool graphPays, OnnxSession session, CancellationToken stop)
    {
        try
        {
            await Task.Delay(Delay, time, stop).ConfigureAwait(false);
            await _turn.WaitAsync(stop).ConfigureAwait(false);
            try
            {
                var entry = known ?? await OnOwnThread(
                    source, () => identity is null ? Task.FromResult<CacheEntry?>(null) : FindOrBuildAsync(source.Id, source.Path, identity, graphPays, session, stop), stop).ConfigureAwait(false);
                var plan = entry?.Plan;
                if (plan is not null && plan.Threads == session.Plan.Threads)
                    session.Plan = plan;
                else
                    await MeasureAsync(source, entry, session, stop).ConfigureAwait(false);
                if (entry is not null && identity is not null)
                    await KeepAsync(source, entry with { Plan = session.Plan }, identity, stop).ConfigureAwait(false);
                logger.ModelPrepared(source.Id, entry?.GraphHash ?? "none", session.Plan);
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
            logger.PreparationFailed(e, source.Id);
        }
    }

    /// <param name="work">It computes before it awaits anything.</param>
    private static Task<T> OnOwnThread<T>(SessionSource source, Func<Task<T>> work, CancellationToken stop) =>
        // As for a load, which computes for as long as it takes.
        Task.Factory.StartNew(() => Marked(source, work), stop, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private static Task<T> Marked<T>(SessionSource source, Func<Task<T>> work)
    {
        using var mark = JournalMark.Of(source.Journaled, ModelActivity.Preparing);
        return work();
    }

    private async Task KeepAsync(SessionSource source, CacheEntry entry, string identity, CancellationToken stop)
    {
        cache.Write(entry, source.Path, identity);
        if (share is not null)
            await share.LeaveAsync(source.Id, entry, stop).ConfigureAwait(false);
    }

    private async Task MeasureAsync(SessionSource source, CacheEntry? entry, OnnxSession session, CancellationToken stop)
    {
        var sweep = new PlanSweep(governor, stop);
        if (await sweep.ChooseBatchAsync(session).ConfigureAwait(false) && source.FixedThreads is null && HasRoomForTwo(source.Path))
        {
            await sweep.ChooseThreadsAsync(session, threads => OnOwnThread(
                source,
                () => Task.FromResult(new OnnxSession(source.Open(entry, threads, stop), session.Signature, threads) { Journaled = source.Journaled }),
                stop)).ConfigureAwait(false);
        }

        // Runs of other sizes than the chosen one have left holes.
        NativeHeap.Trim();
    }

    /// <summary>Another session of the model is opened beside the one that serves, and the machine is to have room for other things.</summary>
    private static bool HasRoomForTwo(string modelPath) =>
        new FileInfo(modelPath).Length < GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8;

    private async Task<CacheEntry?> FindOrBuildAsync(ModelId id, string modelPath, string identity, bool graphPays, OnnxSession session, CancellationToken stop)
    {
        if (cache.ContentKey(modelPath, stop) is not { } key)
            return null;
        if (cache.FindByContent(key) is { } known)
            return known;
        var entry = (graphPays ? await BuildGraphAsync(id, modelPath, key, session, stop).ConfigureAwait(false) : null) ?? new CacheEntry(key, GraphHash: null, Plan: null);
        // Before the plan is measured: whoever stops that keeps this.
        cache.Write(entry, modelPath, identity);
        return entry;
    }

    private async Task<CacheEntry?> BuildGraphAsync(ModelId id, string modelPath, string key, OnnxSession session, CancellationToken stop)
    {
        if (cache.TemporaryPath() is not { } temporary)
            return null;
        try
        {
            OptimizedGraph.Build(modelPath, temporary, stop);
            if (await OptimizedGraph.IsRightAsync(temporary, id, session, stop).ConfigureAwait(false))
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
