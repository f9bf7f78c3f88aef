using System.Collections.Concurrent;
using Inference.Compute;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Settings.Versions;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

/// <summary>
/// The models that are served. The first request for a version loads it and all who ask meanwhile wait for that one load;
/// what is loaded answers without asking the store again, so it goes on answering when the store cannot be reached.
/// The reloader keeps it in step with the store.
/// </summary>
public sealed class ModelCatalog : IAsyncDisposable
{
    /// <summary>A model without versions has no entry, so unknown names take no memory.</summary>
    private readonly ConcurrentDictionary<ModelName, ServedModel> _models = new();
    private readonly IModelStore _store;
    private readonly Lock _gate = new();

    /// <summary>Questions to the store under way; guarded by the gate.</summary>
    private readonly Dictionary<ModelName, SharedTask<ServedModel?>> _lookups = [];

    /// <summary>Taken out, and perhaps still in memory; guarded by the gate.</summary>
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

    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelNotFound"/> or <see cref="InferenceError.ModelUnavailable"/>.
    /// </exception>
    public ValueTask<ModelLease> LeaseAsync(ModelName name, VersionSelector wanted, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<ModelLease>(cancellationToken);
        var slot = FindCurrent(name, wanted);
        return slot?.TryLease() is { } lease ? new ValueTask<ModelLease>(lease) : LoadAndLeaseAsync(slot, name, wanted, cancellationToken);
    }

    /// <summary>Finds out whether a version is served, without loading it; the store is asked only for what is not known.</summary>
    /// <exception cref="InferenceException">As of <see cref="LeaseAsync"/>, but for the load.</exception>
    public async Task CheckAsync(ModelName name, VersionSelector wanted, CancellationToken cancellationToken)
    {
        if (FindCurrent(name, wanted) is null)
            await LookUpAsync(name, wanted, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// All versions in the store, of one model or of every model, with the state they have here. Those of a model whose settings are
    /// wrong have failed, even if nobody has asked for it yet.
    /// </summary>
    public async Task<ModelStatuses> ListAsync(ModelName? name, CancellationToken cancellationToken)
    {
        ModelListing listed;
        try
        {
            listed = Watch.Complete(name, await _store.ListAsync(name, cancellationToken).ConfigureAwait(false));
        }
        catch (InferenceException e)
        {
            // What is loaded is served without the store, so it is shown without it too.
            listed = Watch.Recall(name, e.Message);
            if (listed.Failures.Count == 0 && (name is null ? _models.IsEmpty : !_models.ContainsKey(name.Value)))
                throw;
        }

        var unknown = listed.Names.Where(model => !_models.ContainsKey(model) && !listed.Failures.ContainsKey(model)).ToList();
        var unread = await SettingsFiles.CheckAsync(listed, unknown, cancellationToken).ConfigureAwait(false);
        var known = _models.Where(model => name is null || model.Key == name).SelectMany(model => model.Value.Statuses);
        var leaving = Retired().Where(slot => name is null || slot.Version.Id.Name == name).Select(slot => slot.Status);
        return ModelStatuses.Create(known.Concat(leaving), listed, unread, Loader.FindQuarantine);
    }

    /// <summary>Works out the digests of the versions of a model that are loaded, which <see cref="ListAsync"/> then tells.</summary>
    public Task DigestAsync(ModelName name, CancellationToken cancellationToken) =>
        Task.WhenAll((Find(name)?.Versions ?? []).Select(slot => slot.DigestAsync())).WaitAsync(cancellationToken);

    /// <summary>The statistics of the versions that were requested so far: of one model or all, of one version or all.</summary>
    public IReadOnlyList<(ModelId Id, ModelStatistics Statistics)> Statistics(ModelName? name, VersionRef? version) =>
        [.. _models.Where(model => name is null || model.Key == name).OrderBy(model => model.Key.Value, StringComparer.Ordinal)
            .SelectMany(model =>
                model.Value.Versions.Where(slot => version is null || slot == model.Value.Choose(new VersionSelector(version))))
            .Select(slot => (slot.Version.Id, slot.Statistics))];

    /// <summary>Unloads all versions of a model; a later request loads again.</summary>
    /// <returns>Completes when the memory of unused versions was freed. The last lease of each other version frees its memory.</returns>
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

    /// <summary>The labels of a request that failed before its version was known.</summary>
    internal ModelTags TagsOf(ModelName name) => Find(name) is null ? ModelTags.Unknown : ModelTags.OfAnyVersion(name.Value);

    /// <summary>The version that also runs the requests which this one answers; null for none.</summary>
    internal ShadowTarget? ShadowOf(ModelId answered) =>
        Find(answered.Name)?.Shadow is { } shadow && shadow.Slot.Id != answered ? shadow : null;

    internal ServedModel? Find(ModelName name) => _models.GetValueOrDefault(name);

    internal ModelSlot NewSlot(ModelVersion version) => new(version, Loader);

    /// <summary>Replaces the model as requests see it, if it is served; null takes it out. Slots no longer in it are closed.</summary>
    internal async Task UpdateAsync(ModelName name, Func<ServedModel, ServedModel?> update)
    {
        ModelSlot[] gone;
        lock (_gate)
        {
            ThrowIfDisposed();
            if (!_models.TryGetValue(name, out var served))
                return;
            var updated = update(served);
            Publish(name, updated);
            gone = [.. served.Versions.Where(slot => updated is null || !updated.Versions.Contains(slot))];
            _retired.AddRange(gone);
        }

        foreach (var slot in gone)
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

    /// <summary>Slots that were taken out and whose models are still in use.</summary>
    internal ModelSlot[] Retired()
    {
        lock (_gate)
        {
            _retired.RemoveAll(slot => slot.IsEnded);
            return [.. _retired.Where(slot => !slot.IsGone)];
        }
    }

    /// <summary>Null when the store is to be asked: for what is not known, and after a failure, which may be old news.</summary>
    private ModelSlot? FindCurrent(ModelName name, VersionSelector wanted) =>
        _models.TryGetValue(name, out var served) && served.Choose(wanted) is { IsStale: false } slot ? slot : null;

    private async ValueTask<ModelLease> LoadAndLeaseAsync(
        ModelSlot? slot, ModelName name, VersionSelector wanted, CancellationToken cancellationToken)
    {
        for (var relisted = false; ; slot = null)
        {
            slot ??= await LookUpAsync(name, wanted, cancellationToken).ConfigureAwait(false);
            try
            {
                // None when the version was replaced or taken out a moment ago.
                if (await slot.LeaseAsync(SettingsOf(name), cancellationToken).ConfigureAwait(false) is { } lease)
                    return lease;
            }
            catch (InferenceException) when (slot.IsClosed)
            {
                // Replaced while its load failed: once more, with the slot that has taken its place.
            }
            catch (InferenceException) when (slot.IsStale && !relisted)
            {
                // Replaced between its listing and its load: once more, with what the store has now.
                relisted = true;
            }
            catch (InferenceException) when (wanted.Asked is null && slot.IsBroken && LowerThan(slot) is not null)
            {
                return await FallBackAsync(slot, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private ServedSettings SettingsOf(ModelName name) => Find(name)?.Settings ?? ServedSettings.None;

    private ModelSlot? LowerThan(ModelSlot slot) => Find(slot.Version.Id.Name)?.Below(slot);

    /// <summary>The latest version is no model that works: the highest one that does answers, here and on every new instance.</summary>
    private async Task<ModelLease> FallBackAsync(ModelSlot broken, CancellationToken cancellationToken)
    {
        var name = broken.Version.Id.Name;
        for (var slot = LowerThan(broken); slot is not null; slot = LowerThan(slot))
        {
            try
            {
                if (await slot.LeaseAsync(SettingsOf(name), cancellationToken).ConfigureAwait(false) is not { } lease)
                    continue;
                await UpdateAsync(name, served => served.Latest == broken ? served with { Latest = slot } : served).ConfigureAwait(false);
                Logger.FellBack(slot.Version.Id, broken.Version.Id);
                return lease;
            }
            catch (InferenceException) when ((slot.IsBroken || slot.IsClosed) && LowerThan(slot) is not null)
            {
                // The next lower one may be whole.
            }
        }

        throw new InferenceException(InferenceError.ModelUnavailable, broken.Status.Reason ?? $"Model {broken.Version.Id} does not load.");
    }

    private async Task<ModelSlot> LookUpAsync(ModelName name, VersionSelector wanted, CancellationToken cancellationToken)
    {
        SharedTask<ServedModel?>? lookup;
        lock (_gate)
        {
            ThrowIfDisposed();
            // The lookup of another caller may have ended since this one found nothing.
            if (FindCurrent(name, wanted) is { } current)
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
        return served.Choose(wanted) ?? throw served.NotFound(wanted);
    }

    private async Task<ServedModel?> RefreshAsync(ModelName name, CancellationToken cancellationToken)
    {
        try
        {
            var listed = Watch.Complete(name, await _store.ListAsync(name, cancellationToken).ConfigureAwait(false));
            listed.ThrowIfFailed(name);
            var settings = await ReadSettingsAsync(name, listed, cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                ThrowIfDisposed();
                var served = ServedModel.Merge(Find(name), listed, settings, NewSlot);
                if (served is null)
                    settings.ThrowIfNoneIsServed(name, listed);
                Publish(name, served);
                return served;
            }
        }
        finally
        {
            // Perhaps the entry of a successor that waits for this one to end: then a third may run beside it, and merging
            // twice gives the same.
            lock (_gate)
                _lookups.Remove(name);
        }
    }

    /// <summary>Settings in force change by a reload only. The settings of a model on another server change with its version.</summary>
    private async Task<ServedSettings> ReadSettingsAsync(ModelName name, ModelListing listed, CancellationToken cancellationToken)
    {
        var tag = listed.SettingsTag(name);
        return Find(name)?.Settings is { } known && (known.Settings.Remote is null || known.Tag == tag)
            ? known
            : await SettingsFiles.ReadAsync(name, tag, cancellationToken).ConfigureAwait(false);
    }

    private void ThrowIfDisposed()
    {
        if (_disposed)
            throw InferenceException.Stopping();
    }
}
