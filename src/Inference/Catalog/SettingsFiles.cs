using System.Collections.Concurrent;
using Inference.Models;
using Inference.Models.Settings;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

/// <summary>Reads the settings files of models. Files are read, and their warnings logged, only after a change.</summary>
internal sealed class SettingsFiles(IModelStore store, ILogger logger)
{
    /// <summary>
    /// The maximum number of models whose files are read at once. A read from a remote store mostly waits for the network, so parallel
    /// reads save time.
    /// </summary>
    private const int MaxParallelReads = 8;

    private readonly ConcurrentDictionary<ModelName, ReadResult> _lastResults = new();

    /// <summary>Returns the settings of a model. Reads the files only if their tag has changed, or the last read failed.</summary>
    /// <param name="tag">The store's tag of the files; empty for a model without settings files.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the files are invalid, or the store cannot be reached.
    /// </exception>
    public async Task<ServedSettings> ReadAsync(ModelName name, string tag, CancellationToken cancellationToken)
    {
        var result = await ReadOnceAsync(name, tag, cancellationToken).ConfigureAwait(false);
        return result.Settings ?? throw InferenceException.Repeat(result.Failure!);
    }

    /// <summary>Checks the settings of models that no request has named yet.</summary>
    /// <param name="names">The models to check, all of which are in the listing.</param>
    /// <returns>
    /// For each model: its settings and no failure, or the default settings and the failure that makes its own settings unusable.
    /// </returns>
    public async Task<Dictionary<ModelName, (ModelConfiguration Configuration, InferenceException? Failure)>> CheckAsync(
        ModelListing listing, IReadOnlyCollection<ModelName> names, CancellationToken cancellationToken)
    {
        var results = new ConcurrentDictionary<ModelName, (ModelConfiguration, InferenceException?)>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = MaxParallelReads, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(names, options, async (name, token) =>
        {
            var result = await ReadOnceAsync(name, listing.GetSettingsTag(name), token).ConfigureAwait(false);
            results[name] = ((result.Settings ?? ServedSettings.None).Configuration, result.Failure);
        }).ConfigureAwait(false);
        return new Dictionary<ModelName, (ModelConfiguration, InferenceException?)>(results);
    }

    private async Task<ReadResult> ReadOnceAsync(ModelName name, string tag, CancellationToken cancellationToken)
    {
        if (tag.Length == 0)
        {
            // The result is removed, so that the warnings are logged again if the same files return later.
            _lastResults.TryRemove(name, out _);
            return new ReadResult(tag, ServedSettings.None, Failure: null);
        }

        if (_lastResults.TryGetValue(name, out var known) && known.Tag == tag)
            return known;
        var result = await ReadFilesAsync(name, tag, cancellationToken).ConfigureAwait(false);
        // A failed read of the store is not cached, because the next read may succeed. A failure of trust is not cached either; see
        // InferenceException.IsTrustFailure.
        if (result.Failure is { LastsUntilFilesChange: false } or { IsTrustFailure: true })
            return result;
        // If two calls read the files at once, only the call whose result is cached logs the warnings.
        var kept = _lastResults.AddOrUpdate(name, result, (_, other) => other.Tag == tag ? other : result);
        if (ReferenceEquals(kept, result))
            LogWarnings(name, result);
        return kept;
    }

    private async Task<ReadResult> ReadFilesAsync(ModelName name, string tag, CancellationToken cancellationToken)
    {
        try
        {
            return new ReadResult(
                tag, new ServedSettings(await store.ReadSettingsAsync(name, cancellationToken).ConfigureAwait(false), tag), Failure: null);
        }
        catch (InferenceException e)
        {
            return new ReadResult(tag, Settings: null, e);
        }
    }

    private void LogWarnings(ModelName name, ReadResult result)
    {
        foreach (var warning in result.Settings?.Configuration.Warnings ?? [])
            logger.SettingHasNoEffect(name, warning);
    }

    private sealed record ReadResult(string Tag, ServedSettings? Settings, InferenceException? Failure);
}
