using System.Collections.Concurrent;
using Inference.Catalog;
using Inference.Models;

namespace Inference.Reload;

/// <summary>
/// Loads the models whose settings request a load at the start of the server. The server is not ready before they are loaded, so each check
/// of the store tries a failed load again.
/// </summary>
internal sealed class Preloads(ModelCatalog catalog)
{
    /// <summary>The models that are not loaded yet, each with the logged reason of its last failure.</summary>
    private readonly ConcurrentDictionary<ModelName, string> _failures = new();
    private int _isRetrying;

    /// <summary>
    /// Whether every model whose settings request it was loaded once. A quarantined model does not count, because it must not keep the
    /// server from serving others after a crash. A model with unusable settings does not count either.
    /// </summary>
    public bool AreLoaded
    {
        get
        {
            // A request may have loaded a model in the meantime.
            foreach (var name in _failures.Keys.Where(name => catalog.Find(name) is { ReadySlots.IsEmpty: false }))
                _failures.TryRemove(name, out _);
            return !_failures.Keys.Any(name =>
                catalog.Find(name) is { Settings.Settings.Lifecycle.Preload: true, Latest.IsQuarantined: false });
        }
    }

    /// <summary>Loads the models in turn. A failure is logged.</summary>
    /// <param name="names">The models of the store that have settings.</param>
    public async Task RunAsync(IEnumerable<ModelName> names, CancellationToken cancellationToken)
    {
        foreach (var name in names)
            await LoadAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tries the failed loads again. Does nothing while another retry runs.</summary>
    public async Task RetryAsync(ModelListing listing, CancellationToken cancellationToken)
    {
        if (_failures.IsEmpty || Interlocked.Exchange(ref _isRetrying, 1) == 1)
            return;
        try
        {
            var stored = listing.Names.ToHashSet();
            foreach (var deleted in _failures.Keys.Where(name => !stored.Contains(name)))
                _failures.TryRemove(deleted, out _);
            await RunAsync(_failures.Keys, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _isRetrying, 0);
        }
    }

    /// <summary>Loads the version that handles requests without a version, if the model's settings request a preload.</summary>
    private async Task LoadAsync(ModelName name, CancellationToken cancellationToken)
    {
        try
        {
            await catalog.CheckAsync(name, default, cancellationToken).ConfigureAwait(false);
            if (catalog.Find(name)?.Settings.Settings.Lifecycle.Preload == true)
                (await catalog.LeaseAsync(name, default, cancellationToken).ConfigureAwait(false)).Dispose();
            _failures.TryRemove(name, out _);
        }
        catch (InferenceException e)
        {
            // A model that does not load must not prevent the loads of other models.
            if (_failures.GetValueOrDefault(name) != e.Message)
                catalog.Logger.PreloadFailed(name, e.Message);
            _failures[name] = e.Message;
        }
    }
}
