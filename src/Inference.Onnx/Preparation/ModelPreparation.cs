using System.Diagnostics.CodeAnalysis;
using Inference.Catalog;
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

    /// <summary>Where memory for further sessions of a model comes from; null when it is not limited.</summary>
    public MemoryBudget? Memory { get; set; }

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
                var entry = await PrepareAsync(source, identity, known, graphPays, session, stop).ConfigureAwait(false);
                if (entry is not null && identity is not null)
                    await KeepAsync(source, entry, identity, stop).ConfigureAwait(false);
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

    /// <summary>Gives the session its plan.</summary>
    /// <returns>What is to be kept for later loads; null when the next load is to try again.</returns>
    private async Task<CacheEntry?> PrepareAsync(
        SessionSource source, string? identity, CacheEntry? known, bool graphPays, OnnxSession session, CancellationToken stop)
    {
        var key = identity is null || known is not null ? null : await OnOwnThread(source, () => cache.ContentKey(source.Path, stop), stop).ConfigureAwait(false);
        var entry = known ?? (key is null ? null : cache.FindByContent(key));
        if (entry?.Plan is { } plan && plan.Threads == session.Plan.Threads)
        {
            session.Plan = plan;
            return entry;
        }

        var runs = new TrialRuns(governor);
        var sweep = new PlanSweep(runs);
        if (!await sweep.EndsInTimeAsync(session, stop).ConfigureAwait(false))
        {
            logger.RunTooLong(source.Id, TrialRuns.OneSlotLimit.TotalSeconds);
            entry ??= key is null ? null : new CacheEntry(key, GraphHash: null, Plan: null);
            return entry is null ? null : entry with { Plan = session.Plan };
        }

        if (entry is null && key is not null)
        {
            entry = graphPays
                ? await BuildGraphAsync(source, key, session, runs, stop).ConfigureAwait(false)
                : new CacheEntry(key, GraphHash: null, Plan: null);
            // Before the plan is measured: whoever stops that keeps this.
            if (entry is not null)
                cache.Write(entry, source.Path, identity!);
        }

        var isMeasured = await MeasureAsync(source, entry, session, sweep, stop).ConfigureAwait(false);
        return isMeasured && entry is not null ? entry with { Plan = session.Plan } : null;
    }

    private async Task KeepAsync(SessionSource source, CacheEntry entry, string identity, CancellationToken stop)
    {
        cache.Write(entry, source.Path, identity);
        if (share is not null)
            await share.LeaveAsync(source.Id, entry, stop).ConfigureAwait(false);
    }

    /// <returns>Whether all was measured for which there was memory.</returns>
    private async Task<bool> MeasureAsync(
        SessionSource source, CacheEntry? entry, OnnxSession session, PlanSweep sweep, CancellationToken stop)
    {
        var isMeasured = true;
        var isChosen = await sweep.ChooseBatchAsync(session, stop).ConfigureAwait(false);
        if (isChosen && source.FixedThreads is null && sweep.MayGainByThreads(session))
        {
            isMeasured = await TryWithMemoryAsync(
                source,
                SessionMemory.OfOpening(source.Size),
                "its threads are not measured",
                token => sweep.ChooseThreadsAsync(session, threads => OpenAsync(source, entry, session.Signature, threads, token), token),
                stop).ConfigureAwait(false);
        }

        // Runs of other sizes than the chosen one have left holes.
        NativeHeap.Trim();
        return isMeasured;
    }

    private static Task<OnnxSession> OpenAsync(
        SessionSource source, CacheEntry? entry, ModelSignature signature, int threads, CancellationToken cancellationToken) => OnOwnThread(
        source,
        () => new OnnxSession(source.Open(entry, threads, cancellationToken), signature, threads) { Journaled = source.Journaled },
        cancellationToken);

    /// <returns>An entry without a graph when the model cannot have one; null when there is no memory or no disk for it now.</returns>
    private async Task<CacheEntry?> BuildGraphAsync(
        SessionSource source, string key, OnnxSession session, TrialRuns runs, CancellationToken stop)
    {
        CacheEntry? entry = null;
        await TryWithMemoryAsync(
            source,
            SessionMemory.OfGraph(source.Size),
            "it has no optimized graph",
            async token => entry = await WriteGraphAsync(source, key, session, runs, token).ConfigureAwait(false),
            stop).ConfigureAwait(false);
        NativeHeap.Trim();
        return entry;
    }

    private async Task<CacheEntry?> WriteGraphAsync(
        SessionSource source, string key, OnnxSession session, TrialRuns runs, CancellationToken cancellationToken)
    {
        var none = new CacheEntry(key, GraphHash: null, Plan: null);
        if (cache.TemporaryPath() is not { } temporary)
            return null;
        try
        {
            await OnOwnThread(source, () => OptimizedGraph.Build(source.Path, temporary, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (await OptimizedGraph.IsRightAsync(temporary, source.Id, session, runs, cancellationToken).ConfigureAwait(false))
                return cache.Publish(temporary, key);
            logger.GraphNotMade(source.Id, "it does not answer inputs made up for it as the model does, or takes none of them in time");
            return none;
        }
        catch (OnnxRuntimeException e)
        {
            logger.GraphNotMade(source.Id, OnnxSession.Reason(e));
            return none;
        }
        finally
        {
            cache.Delete(temporary);
        }
    }

    /// <summary>Does work that opens the model once more, if there is memory for it. No model is unloaded for it.</summary>
    /// <param name="bytes">What the work takes at most.</param>
    /// <param name="consequence">Of doing without it, for the log.</param>
    /// <param name="work">Its token also fires when a load needs the memory.</param>
    /// <returns>Whether it was done.</returns>
    private async Task<bool> TryWithMemoryAsync(
        SessionSource source, long bytes, string consequence, Func<CancellationToken, Task> work, CancellationToken stop)
    {
        using var reserved = Memory?.TryReserve(bytes);
        if (Memory is { } memory && reserved is null)
        {
            logger.PreparationSkipped(source.Id, consequence, bytes, memory.Taken, memory.Available);
            return false;
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop, reserved?.Reclaimed ?? CancellationToken.None);
        try
        {
            await work(end.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested && end.IsCancellationRequested)
        {
            logger.PreparationReclaimed(source.Id, consequence, bytes);
            return false;
        }
    }

    /// <summary>Does work that opens the model on a thread of its own, as for a load: it computes for as long as it takes.</summary>
    private static Task<bool> OnOwnThread(SessionSource source, Action work, CancellationToken cancellationToken) => OnOwnThread(
        source,
        () =>
        {
            work();
            return true;
        },
        cancellationToken);

    /// <inheritdoc cref="OnOwnThread(SessionSource, Action, CancellationToken)"/>
    private static Task<T> OnOwnThread<T>(SessionSource source, Func<T> work, CancellationToken cancellationToken) => Task.Factory.StartNew(
        () =>
        {
            using var mark = JournalMark.Of(source.Journaled, ModelActivity.Preparing);
            return work();
        },
        cancellationToken,
        TaskCreationOptions.LongRunning,
        TaskScheduler.Default);
}
