using System.Collections.Concurrent;
using Inference.Catalog;
using Inference.Models;

namespace Inference.Reload;

/// <summary>
/// Loads the models whose settings request a load at the start of the server. The server is not ready before they are loaded, so the
/// reloader tries failed loads again.
/// </summary>
internal sealed class Preloads(ModelCatalog catalog)
{
    /// <summary>The models that are not loaded yet, each with its last failure.</summary>
    private readonly ConcurrentDictionary<ModelName, Failure> _failures = new();
    private volatile bool _hasRun;
    private volatile bool _wereLoaded;
    private int _isRetrying;

    /// <summary>
    /// Whether every model whose settings request it was loaded once. The value stays true after the start. A quarantined model does not
    /// count, because it must not keep the server from serving others after a crash. A model that cannot be listed or has unusable settings
    /// does not count either. A listed model counts while the store fails to read its settings, because they may request a preload.
    /// </summary>
    public bool AreLoaded
    {
        get
        {
            if (_wereLoaded)
                return true;
            // A request may have loaded a model in the meantime.
            foreach (var name in _failures.Keys.Where(name => catalog.Find(name) is { ReadySlots.IsEmpty: false }))
                _failures.TryRemove(name, out _);
            var areLoaded = !_failures.Any(failure => IsAwaited(failure.Key, failure.Value));
            if (areLoaded && _hasRun)
                _wereLoaded = true;
            return areLoaded;
        }
    }

    /// <summary>Loads the models in turn. A failure is logged.</summary>
    public async Task RunAsync(ModelListing listing, CancellationToken cancellationToken)
    {
        // The settings of a model that cannot be listed are unknown, so a later retry reads them.
        var names = listing.Names.Where(name => listing.GetSettingsTag(name).Length > 0 || listing.Failures.ContainsKey(name));
        await LoadAsync(names, listing, cancellationToken).ConfigureAwait(false);
        _hasRun = true;
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
            await LoadAsync(_failures.Keys, listing, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _isRetrying, 0);
        }
    }

    private async Task LoadAsync(IEnumerable<ModelName> names, ModelListing listing, CancellationToken cancellationToken)
    {
        foreach (var name in names)
        {
            if (listing.Failures.TryGetValue(name, out var reason) && catalog.Find(name) is null)
                _failures[name] = new Failure(reason, MayNeedPreload: false);
            else
                await LoadAsync(name, cancellationToken).ConfigureAwait(false);
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
            if (_failures.GetValueOrDefault(name)?.Message != e.Message)
                catalog.Logger.PreloadFailed(name, e.Message);
            _failures[name] = new Failure(e.Message, MayNeedPreload: e.Reason == ErrorReason.StoreUnavailable);
        }
    }

    private bool IsAwaited(ModelName name, Failure failure) => catalog.Find(name) is { } served
        ? served is { Settings.Settings.Lifecycle.Preload: true, Latest.IsQuarantined: false }
        : failure.MayNeedPreload;

    /// <summary>A failure of a model that is not loaded yet.</summary>
    /// <param name="MayNeedPreload">
    /// Whether the store failed after it had listed the model. The settings may be unread, and may request a preload.
    /// </param>
    private sealed record Failure(string Message, bool MayNeedPreload);
}
