using System.Diagnostics.CodeAnalysis;
using Inference.Catalog.Memory;
using Inference.Compute;
using Inference.Models;
using Inference.Onnx.Cache;
using Inference.Onnx.Native;
using Microsoft.Extensions.Logging;
using Microsoft.ML.OnnxRuntime;

namespace Inference.Onnx.Preparation;

/// <summary>
/// Prepares a model while the model serves. The first step examines whether requests may share runs. The second step creates the optimized
/// graph, for faster loads, and measures the execution plan. The second step runs for one model at a time. All results are cached.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle is never used has nothing to dispose.")]
internal sealed class ModelPreparation(GraphCache cache, GraphShare? share, Governor governor, TimeProvider time, ILogger logger)
{
    /// <summary>The time from the load to the second step. The delay gives the first requests priority.</summary>
    public static readonly TimeSpan Delay = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _preparationSemaphore = new(1);
    private readonly BatchExamination _examination = new(time, logger);

    /// <summary>The memory budget for further sessions of a model; null without a limit.</summary>
    public MemoryBudget? MemoryBudget { get; set; }

    /// <summary>Prepares a model. Never throws: failures are logged.</summary>
    /// <param name="stop">
    /// The token that is cancelled when the session is about to be disposed. The disposal waits for the end of this method.
    /// </param>
    public async Task RunAsync(ModelToPrepare model, CancellationToken stop)
    {
        try
        {
            var runs = new TrialRuns(governor, time);
            var delay = Task.Delay(Delay, time, stop);
            if (model.IsExaminationDue)
            {
                var verdict = await _examination.RunAsync(model.Source, model.Session, runs, stop).ConfigureAwait(false);
                model = model with { Verdict = verdict ?? model.Verdict };
            }

            if (model.HasPlan(model.Known))
            {
                await SaveAsync(model, model.Known! with { Verdict = model.Verdict }, stop).ConfigureAwait(false);
                return;
            }

            await delay.ConfigureAwait(false);
            await PrepareInTurnAsync(model, runs, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            logger.PreparationFailed(e, model.Source.Id);
        }
    }

    private async Task PrepareInTurnAsync(ModelToPrepare model, TrialRuns runs, CancellationToken stop)
    {
        await _preparationSemaphore.WaitAsync(stop).ConfigureAwait(false);
        try
        {
            var entry = await PrepareAsync(model, runs, stop).ConfigureAwait(false);
            if (entry is not null)
                await SaveAsync(model, entry, stop).ConfigureAwait(false);
            logger.ModelPrepared(model.Source.Id, entry?.GraphHash ?? "none", model.Session.Plan);
        }
        finally
        {
            _preparationSemaphore.Release();
        }
    }

    /// <summary>Sets the plan of the session, which this or an earlier load measured. Also builds the optimized graph.</summary>
    /// <returns>The entry to write for later loads; null when the next load must try again.</returns>
    private async Task<CacheEntry?> PrepareAsync(ModelToPrepare model, TrialRuns runs, CancellationToken stop)
    {
        var (source, session) = (model.Source, model.Session);
        var content = model.Identity is null || model.Known is not null ? null
            : await PreparationThread.RunAsync(source, () => cache.ReadContent(source.Path, stop), stop).ConfigureAwait(false);
        var entry = model.Known ?? (content is null ? null : cache.FindByContent(content.Key));
        if (entry is not null)
            entry = entry with { Verdict = model.Verdict ?? entry.Verdict };
        if (entry?.Plan is { } plan && plan.Threads == session.Plan.Threads && model.HasPlan(entry))
        {
            session.Plan = plan;
            return entry;
        }

        var emptyEntry = content is null ? null : CacheEntry.CreateEmpty(content) with { Verdict = model.Verdict };
        return await MeasurePlanAsync(model, entry, emptyEntry, runs, stop).ConfigureAwait(false);
    }

    /// <param name="entry">The known results for the model; null for none.</param>
    /// <param name="emptyEntry">An entry for a model without results; null when no entry can be kept.</param>
    /// <inheritdoc cref="PrepareAsync" path="/returns"/>
    private async Task<CacheEntry?> MeasurePlanAsync(
        ModelToPrepare model, CacheEntry? entry, CacheEntry? emptyEntry, TrialRuns runs, CancellationToken stop)
    {
        var (source, session) = (model.Source, model.Session);
        var measurement =
            new PlanMeasurement(runs, TurnMeasurement.Measure) { Layout = session.BatchVerdict.Layout, MeasuresBatches = model.SharesRuns };
        if (!await measurement.TryRunInTimeAsync(session, stop).ConfigureAwait(false))
        {
            logger.RunTooLong(source.Id, TrialRuns.OneSlotLimit.TotalSeconds);
            entry ??= emptyEntry;
            // The plan counts as measured, so that the next load does not spend the same time again.
            return entry is null ? null : entry with { Plan = session.Plan, IsBatchMeasured = true };
        }

        if (entry is null && emptyEntry is not null)
        {
            // A model with external data gets no graph, because the graph would contain a second copy of the data.
            entry = model.IsGraphWorthwhile && emptyEntry.ExternalFileNames.Length == 0
                ? await BuildGraphAsync(source, emptyEntry, session, runs, stop).ConfigureAwait(false)
                : emptyEntry;
            // The entry is written before the plan is measured, so that a stop during the measurement does not lose the graph.
            if (entry is not null)
                cache.Write(entry, source.Files, model.Identity!);
        }

        var isMeasured = await MeasureBatchAndThreadsAsync(source, entry, session, measurement, stop).ConfigureAwait(false);
        return isMeasured && entry is not null ? entry with { Plan = session.Plan, IsBatchMeasured = measurement.MeasuresBatches } : null;
    }

    private async Task SaveAsync(ModelToPrepare model, CacheEntry entry, CancellationToken stop)
    {
        if (model.Identity is null || entry == model.Known)
            return;
        cache.Write(entry, model.Source.Files, model.Identity);
        if (share is not null)
            await share.PublishAsync(model.Source.Id, entry, stop).ConfigureAwait(false);
    }

    /// <returns>False when the measurement of the threads was omitted for lack of memory.</returns>
    private async Task<bool> MeasureBatchAndThreadsAsync(
        SessionSource source, CacheEntry? entry, OnnxSession session, PlanMeasurement measurement, CancellationToken stop)
    {
        var isMeasured = true;
        var isChosen = await measurement.TryChooseBatchAsync(session, stop).ConfigureAwait(false);
        if (isChosen && source.FixedThreads is null && measurement.MayBenefitFromThreads(session))
        {
            isMeasured = await TryRunWithMemoryAsync(
                source,
                SessionMemory.ForOpening(source.Size),
                "the threads of the model are not measured",
                token => measurement.ChooseThreadsAsync(
                    session, threads => OpenAsync(source, entry, session.Signature, threads, token), token),
                stop).ConfigureAwait(false);
        }

        // Runs with other batch sizes have left gaps in the heap.
        NativeHeap.Trim();
        return isMeasured;
    }

    private static Task<OnnxSession> OpenAsync(
        SessionSource source, CacheEntry? entry, ModelSignature signature, int threads, CancellationToken cancellationToken) =>
        PreparationThread.RunAsync(
        source,
        () => new OnnxSession(source.Open(entry, threads, cancellationToken), signature, threads) { Journaled = source.Journaled },
        cancellationToken);

    /// <returns>
    /// The entry, with the graph if the model can have one. Null when memory is short, or when the graph or the cache cannot be written at
    /// the moment. The next load then tries again.
    /// </returns>
    private async Task<CacheEntry?> BuildGraphAsync(
        SessionSource source, CacheEntry emptyEntry, OnnxSession session, TrialRuns runs, CancellationToken stop)
    {
        CacheEntry? entry = null;
        await TryRunWithMemoryAsync(
            source,
            SessionMemory.ForWritingGraph(source.Size),
            "the model has no optimized graph",
            async token => entry = await WriteAndCheckGraphAsync(source, emptyEntry, session, runs, token).ConfigureAwait(false),
            stop).ConfigureAwait(false);
        NativeHeap.Trim();
        return entry;
    }

    /// <inheritdoc cref="BuildGraphAsync" path="/returns"/>
    private async Task<CacheEntry?> WriteAndCheckGraphAsync(
        SessionSource source, CacheEntry emptyEntry, OnnxSession session, TrialRuns runs, CancellationToken cancellationToken)
    {
        if (cache.CreateTemporaryPath() is not { } temporaryPath)
            return null;
        try
        {
            await WriteGraphFileAsync(source, temporaryPath, cancellationToken).ConfigureAwait(false);
            if (await OptimizedGraph.IsCorrectAsync(temporaryPath, source.Id, session, runs, cancellationToken).ConfigureAwait(false))
                return cache.Publish(temporaryPath, emptyEntry);
            logger.GraphNotCreated(source.Id, "its results differ from those of the model file, or the check of its results did not end in time");
            return emptyEntry;
        }
        catch (OnnxRuntimeException e)
        {
            logger.GraphNotCreated(source.Id, NativeMessage.GetReason(e));
            // ONNX Runtime creates the file only after it has converted the model. A file that exists was written in part, for example
            // because the disk is full. If there is no file, the model could not be converted, and another attempt would fail, too.
            return File.Exists(temporaryPath) ? null : emptyEntry;
        }
        finally
        {
            cache.Delete(temporaryPath);
        }
    }

    private static Task<bool> WriteGraphFileAsync(SessionSource source, string graphPath, CancellationToken cancellationToken)
    {
        return PreparationThread.RunAsync(source, Build, cancellationToken);

        bool Build()
        {
            OptimizedGraph.Build(source.Path, graphPath, cancellationToken);
            return true;
        }
    }

    /// <summary>Runs work that opens the model again, if the budget has enough free memory. No model is unloaded for this work.</summary>
    /// <param name="bytes">The maximum number of bytes that the work uses.</param>
    /// <param name="consequence">The effect of omitting the work, for the log.</param>
    /// <param name="work">The work. Its token is also cancelled when a load needs the memory.</param>
    /// <returns>Whether the work has completed.</returns>
    private async Task<bool> TryRunWithMemoryAsync(
        SessionSource source, long bytes, string consequence, Func<CancellationToken, Task> work, CancellationToken stop)
    {
        using var reservation = MemoryBudget?.TryReserve(bytes);
        if (MemoryBudget is { } budget && reservation is null)
        {
            logger.PreparationSkipped(source.Id, consequence, bytes, budget.EstimatedPeak, budget.ProcessLimit);
            return false;
        }

        using var workCancellation =
            CancellationTokenSource.CreateLinkedTokenSource(stop, reservation?.ReclaimToken ?? CancellationToken.None);
        try
        {
            await work(workCancellation.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested && workCancellation.IsCancellationRequested)
        {
            logger.PreparationReclaimed(source.Id, consequence, bytes);
            return false;
        }
    }
}
