using Inference.Diagnostics;
using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

/// <summary>Loads versions within the memory budget.</summary>
public sealed class ModelLoader(IModelStore store, ModelOpener opener, MemoryBudget budget, TimeProvider time, ILogger<ModelLoader> logger)
{
    internal TimeProvider Time => time;

    internal ModelTelemetry NewTelemetry(ModelId id) => new(id.ToTags(), new ModelStatistics(time), logger);

    /// <summary>The reason why a version is not loaded because it crashed a process; null when it may be loaded.</summary>
    internal string? FindQuarantine(ModelVersion version) => opener.Guard?.FindQuarantine(version);

    /// <summary>Lets the versions of a model be loaded again that are quarantined.</summary>
    /// <returns>Whether there was one.</returns>
    internal bool Release(ModelName name) => opener.Guard?.Release(name) is true;

    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the version is quarantined, or the store failed.</exception>
    internal Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        opener.Guard?.ThrowIfQuarantined(version);
        return store.FetchAsync(version, cancellationToken);
    }

    /// <summary>Waits until the model has its place in memory, and opens it. A failed step gives back what the steps before it took.</summary>
    /// <param name="client">The version, as the memory budget sees it.</param>
    internal async Task<LoadedModel> LoadAsync(
        LoadSource source, MemoryClient client, ModelTelemetry telemetry, CancellationToken cancellationToken)
    {
        var memory = await budget.ReserveAsync(client, source.Version.Size, cancellationToken).ConfigureAwait(false);
        try
        {
            memory.Started = time.GetTimestamp();
            return await opener.OpenAsync(source, memory, telemetry, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            memory.Dispose();
            throw;
        }
    }

    /// <summary>Reports that the version is ready, so that it may be unloaded from now on.</summary>
    internal void Loaded(ModelVersion version, LoadedModel loaded)
    {
        var duration = time.GetElapsedTime(loaded.Memory.Started);
        budget.Loaded(loaded.Memory, duration);
        opener.Guard?.Loaded(version);
        InferenceMetrics.Loaded(loaded.Telemetry.Tags, duration);
        logger.ModelLoaded(loaded.Model.Id, (long)duration.TotalMilliseconds, loaded.Memory.Bytes);
    }

    /// <summary>Whether the version fits in memory beside the models that are there.</summary>
    internal bool HasRoom(ModelVersion version) => budget.HasRoom(version.Size);

    /// <summary>Reports that a caller who waited for a load has its lease or has left.</summary>
    internal void Leased() => budget.Leased();
}
