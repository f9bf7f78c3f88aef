using Inference.Catalog.Memory;
using Inference.Compute;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Settings;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

/// <summary>Loads versions within the memory budget.</summary>
public sealed class ModelLoader(IModelStore store, ModelOpener opener, MemoryBudget budget, TimeLimits limits, ILogger<ModelLoader> logger)
{
    internal TimeProvider Time => limits.Time;

    internal TimeLimits Limits => limits;

    internal FileChecks FileChecks { get; } = new(store, opener, logger);

    internal ModelTelemetry CreateTelemetry(ModelId id) => new(id.ToTags(), new ModelStatistics(Time), logger);

    /// <summary>
    /// Returns the reason why a version is quarantined: it crashed a process or failed its trial. Null when it is not quarantined.
    /// </summary>
    internal string? FindQuarantine(ModelVersion version) => opener.Guard?.FindQuarantine(version);

    /// <summary>Returns why a version that is not loaded cannot be loaded; null when no problem is known.</summary>
    internal string? FindProblem(ModelVersion version) => FindQuarantine(version) ?? FileChecks.FindProblem(version);

    /// <summary>Releases the quarantined versions of a model, so that they may be loaded again.</summary>
    /// <returns>Whether any version was quarantined.</returns>
    internal bool ReleaseQuarantine(ModelName name) => opener.Guard?.Release(name) is true;

    /// <summary>Gets the files of a version from the store.</summary>
    /// <returns>The files, which the load owns.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the version must not be loaded, or the store failed.
    /// </exception>
    internal Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        // These checks come first, so that no files are downloaded or copied in vain.
        opener.Guard?.ThrowIfQuarantined(version);
        limits.ThrowIfAbandoned(version);
        budget.ThrowIfTooLarge(version.Id, version.Size);
        return store.FetchAsync(version, cancellationToken);
    }

    /// <summary>
    /// Reserves memory for the model, opens it and runs its warm-up samples, all within the limits of its settings. If a step fails, the
    /// memory and the files are released.
    /// </summary>
    /// <param name="budgetedVersion">The version whose memory the budget reserves.</param>
    internal async Task<LoadedModel> LoadAsync(
        LoadSource source, BudgetedVersion budgetedVersion, ModelTelemetry telemetry, CancellationToken cancellationToken)
    {
        ModelMemory? memory = null;
        var estimate = opener.EstimateMemory(source.Version, source.Settings.Settings);
        return await limits.RunAsync(
            source.Version,
            LoadWithinLimitsAsync,
            onAbandoned: () => memory?.Abandon(),
            release: loaded => loaded.ReleaseAsync(limits),
            cancellationToken).ConfigureAwait(false);

        async Task<LoadedModel> LoadWithinLimitsAsync(PhaseLimit limit)
        {
            try
            {
                limit.Enter("wait for memory", source.Settings.Settings.Timeouts.Load, "timeouts.load");
                memory = await budget.ReserveAsync(budgetedVersion, estimate, limit.Token).ConfigureAwait(false);
                memory.StartTimestamp = Time.GetTimestamp();
                return await opener.OpenAsync(source, memory, telemetry, limit).ConfigureAwait(false);
            }
            catch
            {
                memory?.Dispose();
                source.Files.Copy?.Dispose();
                throw;
            }
        }
    }

    /// <summary>Reports that the version is ready. From now on, the memory budget may unload the version.</summary>
    internal void RecordLoad(ModelVersion version, LoadedModel loaded)
    {
        var duration = Time.GetElapsedTime(loaded.Memory.StartTimestamp);
        budget.RecordLoad(loaded.Memory, duration);
        opener.Guard?.RecordLoad(version);
        InferenceMetrics.RecordLoad(loaded.Telemetry.Tags, duration);
        logger.ModelLoaded(loaded.Model.Id, (long)duration.TotalMilliseconds, loaded.Memory.Bytes);
    }

    /// <summary>Whether the version fits in memory in addition to the loaded models.</summary>
    internal bool HasRoom(ModelVersion version) => budget.HasRoom(opener.EstimateMemory(version, ModelSettings.Default));

    /// <summary>Reports that a caller who waited for a load has its lease or has cancelled.</summary>
    internal void RecordLease() => budget.RecordLease();
}
