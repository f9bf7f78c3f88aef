using System.Collections.Concurrent;
using Inference.Models;
using Inference.Models.Settings;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

/// <summary>Reads the settings files of models. Files are read, and their warnings logged, only when they have changed.</summary>
internal sealed class SettingsFiles(IModelStore store, ILogger logger)
{
    /// <summary>Files are small and stores are far.</summary>
    private const int ModelsAtOnce = 8;

    private readonly ConcurrentDictionary<ModelName, Reading> _known = new();

    /// <param name="tag">The store's tag of the files; empty for a model without any.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the files cannot be used, or the store cannot be reached.
    /// </exception>
    public async Task<ServedSettings> ReadAsync(ModelName name, string tag, CancellationToken cancellationToken)
    {
        var reading = await ReadOnceAsync(name, tag, cancellationToken).ConfigureAwait(false);
        return reading.Settings
            ?? throw new InferenceException(reading.Failure!.Error, reading.Failure.Message, reading.Failure)
            {
                IsCausedByFiles = reading.Failure.IsCausedByFiles,
                IsOfTrust = reading.Failure.IsOfTrust,
            };
    }

    /// <summary>Finds out what there is to say of the settings of models that no request has named yet.</summary>
    /// <param name="names">Some of the models that are listed.</param>
    /// <returns>By the model's name: why the settings cannot be used, or null, and what in them has no effect.</returns>
    public async Task<IReadOnlyDictionary<ModelName, (string? Problem, IReadOnlyList<FileProblem> Warnings)>> CheckAsync(
        ModelListing listing, IReadOnlyCollection<ModelName> names, CancellationToken cancellationToken)
    {
        var found = new ConcurrentDictionary<ModelName, (string?, IReadOnlyList<FileProblem>)>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = ModelsAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(names, options, async (name, token) =>
        {
            var reading = await ReadOnceAsync(name, listing.SettingsTag(name), token).ConfigureAwait(false);
            found[name] = (reading.Failure?.Message, reading.Settings?.Configuration.Warnings ?? []);
        }).ConfigureAwait(false);
        return found;
    }

    private async Task<Reading> ReadOnceAsync(ModelName name, string tag, CancellationToken cancellationToken)
    {
        if (tag.Length == 0)
        {
            // The same files may come back, and are news then.
            _known.TryRemove(name, out _);
            return new Reading(tag, ServedSettings.None, Failure: null);
        }

        if (_known.TryGetValue(name, out var known) && known.Tag == tag)
            return known;
        var reading = await ReadFilesAsync(name, tag, cancellationToken).ConfigureAwait(false);
        // A failure of the store is not remembered, because the next attempt may succeed. Nor is one of a signature: see IsOfTrust.
        if (reading.Failure is { IsCausedByFiles: false } or { IsOfTrust: true })
            return reading;
        // Of several readers at once, the one whose result is kept logs the warnings.
        var kept = _known.AddOrUpdate(name, reading, (_, other) => other.Tag == tag ? other : reading);
        if (ReferenceEquals(kept, reading))
            LogWarnings(name, reading);
        return kept;
    }

    private async Task<Reading> ReadFilesAsync(ModelName name, string tag, CancellationToken cancellationToken)
    {
        try
        {
            return new Reading(
                tag, new ServedSettings(await store.ReadSettingsAsync(name, cancellationToken).ConfigureAwait(false), tag), Failure: null);
        }
        catch (InferenceException e)
        {
            return new Reading(tag, Settings: null, e);
        }
    }

    private void LogWarnings(ModelName name, Reading reading)
    {
        foreach (var warning in reading.Settings?.Configuration.Warnings ?? [])
            logger.SettingHasNoEffect(name, warning);
    }

    private sealed record Reading(string Tag, ServedSettings? Settings, InferenceException? Failure);
}
