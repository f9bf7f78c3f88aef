using System.Collections.Concurrent;
using Inference.Catalog;
using Inference.Models;

namespace Inference.Reload;

/// <summary>
/// Checks the store at intervals and updates the served models. At the start, loads the models that must be ready before the first request.
/// Each check also unloads models that have been unused for longer than their settings allow.
/// </summary>
/// <param name="interval">The interval between checks; zero to check the store only at the start and on request.</param>
public sealed class ModelReloader(ModelCatalog catalog, IModelStore store, TimeSpan interval, TimeProvider time) : IAsyncDisposable
{
    /// <summary>The time between attempts to reach the store at the start.</summary>
    private static readonly TimeSpan StartRetryInterval = TimeSpan.FromSeconds(5);

    /// <summary>The time between attempts to load the failed preloads of a server that does not check the store at intervals.</summary>
    private static readonly TimeSpan PreloadRetryInterval = TimeSpan.FromSeconds(30);

    /// <summary>The time that a poll waits for the reload of one model before the poll continues with the next model.</summary>
    private static readonly TimeSpan ReloadTimeout = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ModelName, ModelUpdater> _updaters = new();

    /// <summary>
    /// The reloads that checks have started and that may still run. Only the loop uses the list until the loop has ended.
    /// </summary>
    private readonly List<Task> _reloads = [];

    /// <summary>The models that the last check has not reached, because its time was over. Only the loop uses the set.</summary>
    private HashSet<ModelName> _unreached = [];
    private readonly IdleModels _idle = new(time);
    private readonly Preloads _preloads = new(catalog);
    private readonly TaskCompletionSource _preloaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _loop = Task.CompletedTask;
    private volatile bool _isStoreReachable;

    /// <summary>Completes when every model that must be loaded before the first request is loaded or has failed to load.</summary>
    public Task Preloaded => _preloaded.Task;

    /// <inheritdoc cref="Preloads.AreLoaded"/>
    public bool ArePreloadsLoaded => _preloads.AreLoaded;

    /// <summary>
    /// Whether the store could be listed at the last check and still had its models. The store is checked at the start and then at every
    /// interval.
    /// </summary>
    public bool IsStoreReachable => _isStoreReachable;

    /// <summary>
    /// Raised after each check of the store and each retry of preloads, when <see cref="IsStoreReachable"/> or
    /// <see cref="ArePreloadsLoaded"/> may have changed.
    /// </summary>
    public event Action? StoreChecked;

    /// <summary>
    /// The reason why the store seems to have lost its models; null while the store has its models. The reason does not contain the
    /// store's location.
    /// </summary>
    public string? StoreLoss => catalog.Watch.Loss;

    /// <summary>
    /// Starts the background work: loads the models that must be ready before the first request, then checks the store at intervals.
    /// </summary>
    public void Start() => _loop = Task.Run(() => RunAsync(_stop.Token));

    /// <summary>
    /// Checks the store now and applies its changes at once. Polls apply a change only after two polls in a row have found the same files,
    /// because a copy of the files may be in progress. The caller of this method confirms that no copy is in progress.
    /// </summary>
    /// <param name="name">The model; null for all served models.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the store cannot be reached, or cannot list the model.
    /// </exception>
    public async Task ReloadAsync(ModelName? name, CancellationToken cancellationToken)
    {
        if (name is { } singleModel)
        {
            await GetUpdater(singleModel).ReloadAsync(() => ListConfirmedAsync(singleModel, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
            return;
        }

        var listing = await ListConfirmedAsync(name: null, cancellationToken).ConfigureAwait(false);
        foreach (var model in catalog.Names)
            await GetUpdater(model).ReloadAsync(() => Task.FromResult(listing), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Applies the store's current files of a model at once. Loads the version that handles requests without a version.</summary>
    /// <exception cref="InferenceException">
    /// The same as for <see cref="ModelCatalog.LeaseAsync"/>. Also <see cref="InferenceError.InvalidRequest"/>: the store has files or
    /// settings of the model that cannot be used. The previous files and settings are loaded and stay in service.
    /// </exception>
    public async Task LoadAsync(ModelName name, CancellationToken cancellationToken)
    {
        await ReloadAsync(name, cancellationToken).ConfigureAwait(false);
        (await catalog.LeaseAsync(name, default, cancellationToken).ConfigureAwait(false)).Dispose();
        if (catalog.Find(name)?.Refusals.ToList() is { Count: > 0 } refusals)
        {
            throw InferenceException.InvalidRequest(
                $"Some files or settings of model \"{name}\" are not in use. {string.Join('\n', refusals)}");
        }
    }

    /// <summary>Stops the checks and a load in progress. The served models stay unchanged.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_reloads).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        var listing = ModelListing.Empty;
        while (!await TryRunAsync(async token => listing = await PreloadAsync(token).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false))
        {
            await Task.Delay(StartRetryInterval, time, cancellationToken).ConfigureAwait(false);
        }

        _preloaded.TrySetResult();
        await CheckFilesAsync(listing, cancellationToken).ConfigureAwait(false);
        if (interval == TimeSpan.Zero)
        {
            await RetryPreloadsAsync(listing, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            await TryRunAsync(PollAsync, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tries failed preloads again until all are loaded. Applies no other changes of the store.</summary>
    /// <param name="listing">The listing of the start.</param>
    private async Task RetryPreloadsAsync(ModelListing listing, CancellationToken cancellationToken)
    {
        while (!ArePreloadsLoaded)
        {
            await Task.Delay(PreloadRetryInterval, time, cancellationToken).ConfigureAwait(false);
            await TryRunAsync(token => _preloads.RetryAsync(listing, token), cancellationToken).ConfigureAwait(false);
        }

        // A request may have loaded the last model after the last retry.
        StoreChecked?.Invoke();
    }

    private async Task<bool> TryRunAsync(Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        try
        {
            await action(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Checks continue after any failure. Loaded models stay in service.
            _isStoreReachable = false;
            catalog.Logger.PollFailed(e is InferenceException ? null : e, $"{store}", e.Message);
            return false;
        }
        finally
        {
            StoreChecked?.Invoke();
        }
    }

    /// <returns>The listing of the store.</returns>
    private async Task<ModelListing> PreloadAsync(CancellationToken cancellationToken)
    {
        var listing = catalog.Watch.RecordListing(await store.ListAsync(name: null, cancellationToken).ConfigureAwait(false));
        _isStoreReachable = true;
        await _preloads.RunAsync(listing, cancellationToken).ConfigureAwait(false);
        return listing;
    }

    /// <summary>Checks the store once: unloads idle models, reloads changed models and verifies files.</summary>
    internal async Task PollAsync(CancellationToken cancellationToken)
    {
        // Idle models are unloaded before the store is read, because the store may not respond.
        _idle.Unload(catalog);
        var listing = catalog.Watch.RecordListing(await store.ListAsync(name: null, cancellationToken).ConfigureAwait(false));
        _isStoreReachable = StoreLoss is null;
        await ReloadChangedAsync(listing, cancellationToken).ConfigureAwait(false);
        foreach (var (name, updater) in _updaters)
        {
            if (updater.IsIdle && catalog.Find(name) is null)
                _updaters.TryRemove(name, out _);
        }

        await CheckFilesAsync(listing, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Reloads the models in turn, until the next check is due. The next check lists the store again, and begins with the remaining
    /// models. So a deletion or a further change need not wait until every model has loaded. Then tries failed preloads again.
    /// </summary>
    private async Task ReloadChangedAsync(ModelListing listing, CancellationToken cancellationToken)
    {
        _reloads.RemoveAll(reload => reload.IsCompleted);
        var (started, stored) = (time.GetTimestamp(), listing.Names.ToHashSet());
        // Deletions need no load, so they come first.
        var names = new Queue<ModelName>(
            catalog.Names.OrderBy(name => !stored.Contains(name) ? 0 : _unreached.Contains(name) ? 1 : 2));
        while ((interval == TimeSpan.Zero || time.GetElapsedTime(started) < interval) && names.TryDequeue(out var name))
        {
            var reload = GetUpdater(name).PollAsync(listing, cancellationToken);
            _reloads.Add(reload);
            await WaitAsync(reload).ConfigureAwait(false);
        }

        _unreached = [.. names];
        var preload = _preloads.RetryAsync(listing, cancellationToken);
        _reloads.Add(preload);
        await WaitAsync(preload).ConfigureAwait(false);
    }

    private Task CheckFilesAsync(ModelListing listing, CancellationToken cancellationToken) =>
        catalog.Loader.FileChecks.RunAsync(listing, IsLoaded, cancellationToken);

    private bool IsLoaded(ModelVersion version) =>
        catalog.Find(version.Id.Name)?.Find(version.Id.Version) is { IsReady: true } slot && slot.Version == version;

    /// <summary>Lists a model, or all models, after an operator has confirmed that the current files are complete.</summary>
    private async Task<ModelListing> ListConfirmedAsync(ModelName? name, CancellationToken cancellationToken)
    {
        var listing = await store.ListAsync(name, cancellationToken).ConfigureAwait(false);
        if (name is { } singleModel)
            listing.ThrowIfFailed(singleModel);
        catalog.Watch.Accept(name, listing);
        return listing;
    }

    private ModelUpdater GetUpdater(ModelName name) =>
        _updaters.GetOrAdd(name, static (name, catalog) => new ModelUpdater(catalog, name), catalog);

    private async Task WaitAsync(Task reload)
    {
        try
        {
            await reload.WaitAsync(ReloadTimeout, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The reload continues while other models are reloaded.
        }
    }
}
