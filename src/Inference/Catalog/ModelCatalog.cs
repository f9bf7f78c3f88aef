using System.Collections.Concurrent;
using Inference.Compute;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Settings.Versions;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

/// <summary>
/// The models that this server serves. The first request for a version loads it. Requests that arrive during the load wait for its end.
/// A loaded version runs without the store, so it stays available while the store is unreachable. The reloader updates the catalog from
/// the store.
/// </summary>
public sealed class ModelCatalog : IAsyncDisposable
{
    /// <summary>The served models by name. A model without versions has no entry, so unknown names use no memory.</summary>
    private readonly ConcurrentDictionary<ModelName, ServedModel> _models = new();
    private readonly IModelStore _store;
    private readonly Lock _gate = new();

    /// <summary>The store lookups in progress; guarded by the gate.</summary>
    private readonly Dictionary<ModelName, SharedTask<ServedModel?>> _lookups = [];

    /// <summary>Removed slots whose models may still be in memory; guarded by the gate.</summary>
    private readonly List<ModelSlot> _retired = [];
    private bool _disposed;

    public ModelCatalog(IModelStore store, ModelLoader loader, ILogger<ModelCatalog> logger) =>
        (_store, Loader, Logger, SettingsFiles, Watch) =
            (store, loader, logger, new SettingsFiles(store, logger), new StoreWatch(loader.Time, logger));

    internal IEnumerable<ModelName> Names => _models.Keys;

    internal ModelLoader Loader { get; }

    internal ILogger Logger { get; }
    internal SettingsFiles SettingsFiles { get; }
    internal TimeLimits Limits => Loader.Limits;

    internal StoreWatch Watch { get; }

    /// <summary>Leases a version, and loads it first if it is not loaded.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelNotFound"/>: the name or version is unknown. <see cref="InferenceError.ModelUnavailable"/>: the
    /// version does not load, the store cannot be reached, or the server is stopping.
    /// </exception>
    public ValueTask<ModelLease> LeaseAsync(ModelName name, VersionSelector selector, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ModelLease>(cancellationToken);
        var slot = FindCurrent(name, selector);
        return slot?.TryLease() is { } lease ? new(lease) : LoadAndLeaseAsync(slot, name, selector, cancellationToken);
    }

    /// <summary>Verifies that a version is served. Loads nothing. Queries the store only for an unknown version or a due retry.</summary>
    /// <exception cref="InferenceException">The same as for <see cref="LeaseAsync"/>, except for failures of a load.</exception>
    public async Task CheckAsync(ModelName name, VersionSelector selector, CancellationToken cancellationToken)
    {
        if (FindCurrent(name, selector) is null)
            await LookUpAsync(name, selector, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Lists all versions in the store, of one model or of every model, with their state on this server. The versions of a model with
    /// invalid settings are listed as failed, even if no request has named the model yet.
    /// </summary>
    public async Task<ModelStatuses> ListAsync(ModelName? name, CancellationToken cancellationToken)
    {
        ModelListing listing;
        try
        {
            listing = Watch.AddMissing(name, await _store.ListAsync(name, cancellationToken).ConfigureAwait(false));
        }
        catch (InferenceException e)
        {
            // Loaded models are served without the store, so they are listed without it too.
            listing = Watch.ListKnownAsFailed(name, e.Message);
            if (listing.Failures.Count == 0 && (name is null ? _models.IsEmpty : !_models.ContainsKey(name.Value)))
                throw;
        }

        List<ModelName> unknown = [.. listing.Names.Where(model => !_models.ContainsKey(model) && !listing.Failures.ContainsKey(model))];
        var settings = await SettingsFiles.CheckAsync(listing, unknown, cancellationToken).ConfigureAwait(false);
        var models = _models.Where(model => name is null || model.Key == name).ToList();
        models.ForEach(model => settings[model.Key] = (model.Value.Settings.Configuration, Failure: null));
        var retired = GetRetiredSlots().Where(slot => name is null || slot.Version.Id.Name == name).Select(slot => slot.Status);
        var known = models.SelectMany(model => model.Value.Statuses).Concat(retired);
        return ModelStatuses.Create(known, listing, settings, Loader.FindProblem);
    }

    /// <summary>Computes the digests of a model's loaded versions, which <see cref="ListAsync"/> then returns.</summary>
    public Task ComputeDigestsAsync(ModelName name, CancellationToken cancellationToken) =>
        Task.WhenAll((Find(name)?.Versions ?? []).Select(slot => slot.ComputeDigestAsync())).WaitAsync(cancellationToken);

    /// <summary>Returns the statistics of requested versions. A null name means all models, and a null version all versions.</summary>
    public IReadOnlyList<(ModelId Id, ModelStatistics Statistics)> GetStatistics(ModelName? name, VersionRef? version) =>
        [.. _models.Where(model => name is null || model.Key == name).OrderBy(model => model.Key.Value, StringComparer.Ordinal)
            .SelectMany(model =>
                model.Value.Versions.Where(slot => version is null || slot == model.Value.Choose(new VersionSelector(version))))
            .Select(slot => (slot.Version.Id, slot.Statistics))];

    /// <summary>Unloads all versions of a model. A later request loads the requested version again.</summary>
    /// <returns>A task that ends when unused versions have freed memory. A version in use frees memory when its last lease ends.</returns>
    public Task UnloadAsync(ModelName name) => Task.WhenAll((Find(name)?.Versions ?? []).Select(slot => slot.UnloadAsync()));

    public async ValueTask DisposeAsync()
    {
        SharedTask<ServedModel?>[] lookups;
        ModelSlot[] retired;
        lock (_gate)
        {
            _disposed = true;
            (lookups, retired) = ([.. _lookups.Values], [.. _retired]);
        }

        foreach (var lookup in lookups)
            await lookup.StopAsync().ConfigureAwait(false);
        ModelSlot[] slots = [.. _models.Values.SelectMany(model => model.Versions), .. retired];
        foreach (var slot in slots)
            await slot.CloseAsync().ConfigureAwait(false);
        await Task.WhenAll(slots.Select(slot => slot.Ended)).ConfigureAwait(false);
    }

    /// <summary>Returns the metric labels of a request that failed before its version was known.</summary>
    internal ModelTags GetTags(ModelName name) => Find(name) is null ? ModelTags.Unknown : ModelTags.CreateWithoutVersion(name.Value);

    /// <summary>Returns the shadow that also runs the requests of this version; null for none.</summary>
    internal ShadowTarget? FindShadow(ModelId id) =>
        Find(id.Name)?.Shadow is { } shadow && shadow.Slot.Id != id ? shadow : null;

    internal ServedModel? Find(ModelName name) => _models.GetValueOrDefault(name);

    internal ModelSlot CreateSlot(ModelVersion version) => new(version, Loader);

    /// <summary>Replaces a served model, or removes it if the update returns null. Closes the slots that the model no longer has.</summary>
    internal async Task UpdateAsync(ModelName name, Func<ServedModel, ServedModel?> update)
    {
        ModelSlot[] removed;
        lock (_gate)
        {
            ThrowIfDisposed();
            if (!_models.TryGetValue(name, out var served))
                return;
            var updated = update(served);
            Publish(name, updated);
            removed = [.. served.Versions.Where(slot => updated is null || !updated.Versions.Contains(slot))];
            _retired.AddRange(removed);
        }

        foreach (var slot in removed)
            await slot.CloseAsync().ConfigureAwait(false);
    }

    private void Publish(ModelName name, ServedModel? served)
    {
        if (served is null)
        {
            _models.TryRemove(name, out _);
            return;
        }

        foreach (var slot in served.Versions)
            slot.IsPinned = served.Settings.Settings.Lifecycle.Pinned;
        _models[name] = served with { Shadow = served.FindShadow(served.Shadow) };
    }

    /// <summary>Returns the removed slots whose models are still in use.</summary>
    internal ModelSlot[] GetRetiredSlots()
    {
        lock (_gate)
        {
            _retired.RemoveAll(slot => slot.IsEnded);
            return [.. _retired.Where(slot => !slot.IsReleased)];
        }
    }

    /// <summary>Returns the slot of a version; null when the store must be queried, or when a failed load is due for a retry.</summary>
    private ModelSlot? FindCurrent(ModelName name, VersionSelector selector) =>
        _models.TryGetValue(name, out var served) && served.Choose(selector) is { IsRetryDue: false } slot ? slot : null;

    private async ValueTask<ModelLease> LoadAndLeaseAsync(
        ModelSlot? slot, ModelName name, VersionSelector selector, CancellationToken cancellationToken)
    {
        for (var isRelisted = false; ; slot = null)
        {
            slot ??= await LookUpAsync(name, selector, cancellationToken).ConfigureAwait(false);
            try
            {
                // Null when the version was replaced or removed a moment ago.
                if (await slot.LeaseAsync(GetSettings(name), cancellationToken).ConfigureAwait(false) is { } lease)
                    return lease;
            }
            catch (InferenceException) when (slot.IsClosed)
            {
                // The slot was replaced while its load failed. Retry with the new slot.
            }
            catch (InferenceException) when (slot.IsRetryDue && !isRelisted)
            {
                // The files were replaced between their listing and their load. Retry with the store's current files.
                isRelisted = true;
            }
            catch (InferenceException) when (selector.Version is null && slot.IsBroken && FindLower(slot) is not null)
            {
                return await FallBackAsync(slot, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private ServedSettings GetSettings(ModelName name) => Find(name)?.Settings ?? ServedSettings.None;

    private ModelSlot? FindLower(ModelSlot slot) => Find(slot.Version.Id.Name)?.FindLower(slot);

    /// <summary>Leases the highest lower version that loads. Every new instance of the server makes the same choice.</summary>
    private async Task<ModelLease> FallBackAsync(ModelSlot broken, CancellationToken cancellationToken)
    {
        var name = broken.Version.Id.Name;
        for (var slot = FindLower(broken); slot is not null; slot = FindLower(slot))
        {
            try
            {
                if (await slot.LeaseAsync(GetSettings(name), cancellationToken).ConfigureAwait(false) is not { } lease)
                    continue;
                await UpdateAsync(name, served => served.Latest == broken ? served with { Latest = slot } : served).ConfigureAwait(false);
                Logger.FellBack(slot.Version.Id, broken.Version.Id);
                return lease;
            }
            catch (InferenceException) when ((slot.IsBroken || slot.IsClosed) && FindLower(slot) is not null)
            {
                // The next lower version may work.
            }
        }

        throw new InferenceException(InferenceError.ModelUnavailable, broken.Status.Reason ?? $"Model {broken.Version.Id} does not load.");
    }

    private async Task<ModelSlot> LookUpAsync(ModelName name, VersionSelector selector, CancellationToken cancellationToken)
    {
        SharedTask<ServedModel?>? lookup;
        lock (_gate)
        {
            ThrowIfDisposed();
            // Another caller's lookup may have found the version in the meantime.
            if (FindCurrent(name, selector) is { } current)
                return current;
            if (!_lookups.TryGetValue(name, out lookup) || !lookup.TryJoin())
            {
                lookup = new SharedTask<ServedModel?>(token => RefreshAsync(name, token), after: lookup);
                lookup.TryJoin();
                _lookups[name] = lookup;
            }
        }

        var served = await lookup.WaitAsync(cancellationToken).ConfigureAwait(false)
            ?? throw new InferenceException(InferenceError.ModelNotFound, $"There is no model {name}.");
        return served.Choose(selector) ?? throw served.CreateNotServedError(selector);
    }

    private async Task<ServedModel?> RefreshAsync(ModelName name, CancellationToken cancellationToken)
    {
        try
        {
            var listing = Watch.AddMissing(name, await _store.ListAsync(name, cancellationToken).ConfigureAwait(false));
            listing.ThrowIfFailed(name);
            var settings = await ReadSettingsAsync(name, listing, cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                ThrowIfDisposed();
                var served = ServedModel.Merge(Find(name), listing, settings, CreateSlot);
                if (served is null)
                    settings.ThrowIfNoneIsServed(name, listing);
                Publish(name, served);
                return served;
            }
        }
        finally
        {
            // If all callers have cancelled this lookup, the entry may already belong to a second lookup. Without the entry, a third lookup
            // can run at the same time as the second. This is harmless, because merging the same listing twice has the same result.
            lock (_gate)
                _lookups.Remove(name);
        }
    }

    /// <summary>Returns the known settings, or reads them. A new tag replaces known settings only if the model is remote.</summary>
    private async Task<ServedSettings> ReadSettingsAsync(ModelName name, ModelListing listing, CancellationToken cancellationToken)
    {
        var tag = listing.GetSettingsTag(name);
        return Find(name)?.Settings is { } known && (known.Settings.Remote is null || known.Tag == tag)
            ? known
            : await SettingsFiles.ReadAsync(name, tag, cancellationToken).ConfigureAwait(false);
    }

    private void ThrowIfDisposed()
    {
        if (_disposed)
            throw InferenceException.CreateStoppingError();
    }
}
