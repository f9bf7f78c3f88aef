using Inference.Diagnostics;
using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

/// <summary>Loads versions within the memory budget.</summary>
public sealed class ModelLoader(IModelStore store, ModelOpener opener, MemoryBudget budget, TimeProvider time, ILogger<ModelLoader> logger)
{
    internal TimeProvider Time => time;

    internal ModelTelemetry NewTelemetry(ModelId id) => new(id.ToTags(), new ModelStatistics(time), logger);

    /// <returns>The files, which the load owns.</returns>
    internal Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        // Before the files are downloaded or copied in vain.
        budget.ThrowIfTooLarge(version.Id, version.Size);
        return store.FetchAsync(version, cancellationToken);
    }

    /// <summary>
    /// Waits until the model has its place in memory, and opens it. A failed step gives back what the steps before it took, the files included.
    /// </summary>
    /// <param name="client">The version, as the memory budget sees it.</param>
    internal async Task<LoadedModel> LoadAsync(
        LoadSource source, MemoryClient client, ModelTelemetry telemetry, CancellationToken cancellationToken)
    {
        ModelMemory? memory = null;
        try
        {
            memory = await budget.ReserveAsync(client, source.Version.Size, cancellationToken).ConfigureAwait(false);
            memory.Started = time.GetTimestamp();
            return await opener.OpenAsync(source, memory, telemetry, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            memory?.Dispose();
            source.Files.Copy?.Dispose();
            throw;
        }
    }

    /// <summary>Reports that the version is ready, so that it may be unloaded from now on.</summary>
    internal void Loaded(LoadedModel loaded)
    {
        var duration = time.GetElapsedTime(loaded.Memory.Started);
        budget.Loaded(loaded.Memory, duration);
        InferenceMetrics.Loaded(loaded.Telemetry.Tags, duration);
        logger.ModelLoaded(loaded.Model.Id, (long)duration.TotalMilliseconds, loaded.Memory.Bytes);
    }

    /// <summary>Whether the version fits in memory beside the models that are there.</summary>
    internal bool HasRoom(ModelVersion version) => budget.HasRoom(version.Size);

    /// <summary>Reports that a caller who waited for a load has its lease or has left.</summary>
    internal void Leased() => budget.Leased();
}
