using System.Collections.Concurrent;
using Inference.Catalog;
using Inference.Models;

namespace Inference.Reload;

/// <summary>
/// Looks at the store at intervals and brings what is served in step with it; also loads, at the start, what is to be loaded
/// before the first request, and unloads what has not been used for as long as its settings allow.
/// </summary>
/// <param name="interval">Zero: the store is looked at only at the start and when asked to.</param>
public sealed class ModelReloader(ModelCatalog catalog, IModelStore store, TimeSpan interval, TimeProvider time) : IAsyncDisposable
{
    /// <summary>The time to the next try at the start when the store cannot be reached.</summary>
    private static readonly TimeSpan RetryStart = TimeSpan.FromSeconds(5);

    /// <summary>The time that a poll waits for the reload of one model before it continues with the next one.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ModelName, ModelWatch> _watches = new();

    /// <summary>The reloads that looks have begun and that may still run. Used by the loop only, until that has ended.</summary>
    private readonly List<Task> _reloads = [];
    private readonly IdleModels _idle = new(time);
    private readonly TaskCompletionSource _preloaded = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _loop = Task.CompletedTask;
    private volatile bool _storeAnswers;

    /// <summary>Ends when everything that is to be loaded before the first request is, or turned out not to load.</summary>
    public Task Preloaded => _preloaded.Task;

    /// <summary>
    /// Whether the last look at the store found one. It is looked at at the start, and then for the sake of what is served.
    /// </summary>
    public bool StoreAnswers => _storeAnswers;

    /// <summary>Why the store seems to have lost its models, without its location; null when it does not.</summary>
    public string? StoreLoss => catalog.Watch.Loss;

    public void Start() => _loop = Task.Run(() => RunAsync(_stop.Token));

    /// <summary>
    /// Looks at the store now, and takes what it finds at once: who asks says that the copying is done.
    /// </summary>
    /// <param name="name">Null for all that are served.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the store cannot be reached, or cannot list the model.
    /// </exception>
    public async Task ReloadAsync(ModelName? name, CancellationToken cancellationToken)
    {
        if (name is { } one)
        {
            await Watch(one).ReloadAsync(() => AcceptAsync(one, cancellationToken), cancellationToken).ConfigureAwait(false);
            return;
        }

        var listing = await AcceptAsync(name: null, cancellationToken).ConfigureAwait(false);
        foreach (var model in catalog.Names)
            await Watch(model).ReloadAsync(() => Task.FromResult(listing), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes what the store has of a model now, at once, and loads what answers a request without a version.</summary>
    /// <exception cref="InferenceException">
    /// As of <see cref="ModelCatalog.LeaseAsync"/>; <see cref="InferenceError.InvalidRequest"/>: not everything that the store has of the
    /// model can be used. What was served before is loaded and serves on.
    /// </exception>
    public async Task LoadAsync(ModelName name, CancellationToken cancellationToken)
    {
        await ReloadAsync(name, cancellationToken).ConfigureAwait(false);
        (await catalog.LeaseAsync(name, default, cancellationToken).ConfigureAwait(false)).Dispose();
        if (catalog.Find(name)?.Refusals.ToList() is { Count: > 0 } refusals)
        {
            throw InferenceException.InvalidRequest(
                $"Model \"{name}\" is not loaded as the store has it now, and answers as before. {string.Join('\n', refusals)}");
        }
    }

    /// <summary>Ends the looking, and a load that it is at. Nothing that is served changes by it.</summary>
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
        while (!await TryAsync(PreloadAsync, cancellationToken).ConfigureAwait(false))
            await Task.Delay(RetryStart, time, cancellationToken).ConfigureAwait(false);
        _preloaded.TrySetResult();
        if (interval == TimeSpan.Zero)
            return;
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            await TryAsync(LookAsync, cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> TryAsync(Func<CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        try
        {
            await action(cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever it was, the next look comes; what is loaded is served all the while.
            _storeAnswers = false;
            catalog.Logger.LookFailed(e, $"{store}", e.Message);
            return false;
        }
    }

    private async Task PreloadAsync(CancellationToken cancellationToken)
    {
        var listing = catalog.Watch.Look(await store.ListAsync(name: null, cancellationToken).ConfigureAwait(false));
        _storeAnswers = true;
        foreach (var name in listing.Select(version => version.Id.Name).Distinct().Where(name => listing.SettingsTag(name).Length > 0))
            await PreloadAsync(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Loads what answers for the model, if its settings say that it is not to wait for the first request.</summary>
    private async Task PreloadAsync(ModelName name, CancellationToken cancellationToken)
    {
        try
        {
            await catalog.CheckAsync(name, default, cancellationToken).ConfigureAwait(false);
            if (catalog.Find(name)?.Settings.Settings.Lifecycle.Preload == true)
                (await catalog.LeaseAsync(name, default, cancellationToken).ConfigureAwait(false)).Dispose();
        }
        catch (InferenceException e)
        {
            // One model that does not load keeps none of the others from being served.
            catalog.Logger.PreloadFailed(name, e.Message);
        }
    }

    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        // Before the store, which may not answer.
        _idle.Unload(catalog);
        var listing = catalog.Watch.Look(await store.ListAsync(name: null, cancellationToken).ConfigureAwait(false));
        _storeAnswers = StoreLoss is null;
        _reloads.RemoveAll(reload => reload.IsCompleted);
        foreach (var name in catalog.Names)
        {
            var reload = Watch(name).LookAsync(listing, cancellationToken);
            _reloads.Add(reload);
            await WaitAsync(reload).ConfigureAwait(false);
        }

        foreach (var (name, watch) in _watches)
        {
            if (watch.IsIdle && catalog.Find(name) is null)
                _watches.TryRemove(name, out _);
        }
    }

    /// <summary>Lists what an operator wants taken as it is.</summary>
    private async Task<ModelListing> AcceptAsync(ModelName? name, CancellationToken cancellationToken)
    {
        var listing = await store.ListAsync(name, cancellationToken).ConfigureAwait(false);
        if (name is { } only)
            listing.ThrowIfFailed(only);
        catalog.Watch.Accept(name, listing);
        return listing;
    }

    private ModelWatch Watch(ModelName name) => _watches.GetOrAdd(name, static (name, catalog) => new ModelWatch(catalog, name), catalog);

    private async Task WaitAsync(Task reload)
    {
        try
        {
            await reload.WaitAsync(Patience, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It goes on beside the reloads of other models.
        }
    }
}
