using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx.Cache;

/// <summary>
/// Shares optimized graphs and measured plans with other server instances, and copies the results of those instances to the local cache.
/// The shared files are <c>{key}.entry</c> and <c>{key}.ort</c>, as in the cache. No failure of the sharing fails a load.
/// </summary>
internal sealed class GraphShare(ISharedFiles files, GraphCache cache, ILogger logger)
{
    /// <summary>Fetches the shared results for a model, if the local cache has none.</summary>
    /// <exception cref="OperationCanceledException"/>
    public async Task FetchAsync(ModelId id, ModelFiles model, CancellationToken cancellationToken)
    {
        if (cache.Identify(model) is not { } identity || cache.FindByFile(model, identity) is not null)
            return;
        try
        {
            // The call reads all files of the model, which may take long, so it runs on another thread.
            var content =
                await Task.Run(() => cache.ReadContent(model.ModelPath, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (content?.Key is not { } key)
                return;
            if (cache.FindByContent(key) is { } localEntry)
            {
                // A model with external data is copied for each load, so the cache has no .link file for the new copy yet.
                if (localEntry.ExternalFileNames.Length > 0)
                    cache.Write(localEntry, model, identity);
                return;
            }

            if (await FetchEntryAsync(key, cancellationToken).ConfigureAwait(false) is not { } entry)
                return;
            if (entry.GraphHash is null || await TryFetchGraphAsync(entry, cancellationToken).ConfigureAwait(false))
                cache.Write(entry, model, identity);
        }
        catch (InferenceException e)
        {
            logger.GraphNotShared(id, e.Message);
        }
    }

    /// <summary>Shares a complete entry and its graph with other instances.</summary>
    /// <exception cref="OperationCanceledException"/>
    public async Task PublishAsync(ModelId id, CacheEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            if (entry.GraphHash is not null && cache.FindGraph(entry) is { } graph)
                await files.PutAsync($"{entry.Key}.ort", graph, cancellationToken).ConfigureAwait(false);
            if (cache.FindEntryFile(entry) is { } file)
                await files.PutAsync($"{entry.Key}.entry", file, cancellationToken).ConfigureAwait(false);
        }
        catch (InferenceException e)
        {
            logger.GraphNotShared(id, e.Message);
        }
    }

    private Task<CacheEntry?> FetchEntryAsync(string key, CancellationToken cancellationToken) => FetchAsync(
        $"{key}.entry", path => CacheEntry.TryParse(File.ReadAllText(path), out var entry) && entry.Key == key && entry.Plan is not null
            ? entry
            : null, cancellationToken);

    private async Task<bool> TryFetchGraphAsync(CacheEntry entry, CancellationToken cancellationToken) => await FetchAsync(
        $"{entry.Key}.ort",
        path =>
        {
            // The hash detects damage, not attacks: an attacker who can write the graph and the entry can also write the model.
            if (cache.Publish(path, entry) is { } published && published.GraphHash == entry.GraphHash)
                return entry;
            cache.Discard(entry, "the shared file is damaged");
            return null;
        },
        cancellationToken).ConfigureAwait(false) is not null;

    private async Task<CacheEntry?> FetchAsync(string name, Func<string, CacheEntry?> tryRead, CancellationToken cancellationToken)
    {
        if (cache.CreateTemporaryPath() is not { } temporaryPath)
            return null;
        try
        {
            return await files.TryGetAsync(name, temporaryPath, cancellationToken).ConfigureAwait(false) ? tryRead(temporaryPath) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InferenceException(InferenceError.ModelUnavailable, e.Message, e);
        }
        finally
        {
            cache.Delete(temporaryPath);
        }
    }
}
