using System.Collections.Concurrent;
using System.Collections.Immutable;
using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Serving;

/// <summary>
/// The models that are served. The first request for a version loads it and all who ask meanwhile wait for that one load;
/// what is loaded answers without asking the store again, so it goes on answering when the store cannot be reached.
/// </summary>
public sealed class ModelCatalog(IModelStore store, IModelRuntime runtime, TimeProvider time, ILogger<ModelCatalog> logger)
    : IAsyncDisposable
{
    /// <summary>Versions in ascending order; a model without versions has no entry, so unknown names take no memory.</summary>
    private readonly ConcurrentDictionary<ModelName, ImmutableArray<ModelSlot>> _models = new();
    private readonly Lock _gate = new();

    /// <summary>Questions to the store under way; guarded by the gate.</summary>
    private readonly Dictionary<ModelName, SharedTask<ImmutableArray<ModelSlot>>> _lookups = [];
    private bool _disposed;

    /// <param name="version">Null for the latest.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelNotFound"/> or <see cref="InferenceError.ModelUnavailable"/>.
    /// </exception>
    public async ValueTask<ModelLease> LeaseAsync(ModelName name, long? version, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var slot = await FindAsync(name, version, cancellationToken).ConfigureAwait(false);
        try
        {
            return await slot.LeaseAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (InferenceException) when (slot.IsStale)
        {
            // Replaced between its listing and its load: once more, with what the store has now.
            slot = await FindAsync(name, version, cancellationToken).ConfigureAwait(false);
            return await slot.LeaseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>All versions in the store, of one model or of every model, with the state they have here.</summary>
    public async Task<IReadOnlyList<ModelStatus>> ListAsync(ModelName? name, CancellationToken cancellationToken)
    {
        IEnumerable<ModelVersion> listed;
        try
        {
            listed = await store.ListAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (InferenceException) when (name is null ? !_models.IsEmpty : _models.ContainsKey(name.Value))
        {
            // What is loaded is served without the store, so it is shown without it too.
            listed = [];
        }

        var known = (name is null ? _models : _models.Where(model => model.Key == name)).SelectMany(model => model.Value);
        var statuses = known.ToDictionary(slot => slot.Version.Id, slot => slot.Status);
        foreach (var version in listed)
            statuses.TryAdd(version.Id, new ModelStatus(version, ModelState.Available, null));
        return [.. statuses.Values
            .OrderBy(status => status.Version.Id.Name.Value, StringComparer.Ordinal)
            .ThenBy(status => status.Version.Id.Version)];
    }

    public async ValueTask DisposeAsync()
    {
        SharedTask<ImmutableArray<ModelSlot>>[] lookups;
        lock (_gate)
        {
            _disposed = true;
            lookups = [.. _lookups.Values];
        }

        foreach (var lookup in lookups)
            await lookup.StopAsync().ConfigureAwait(false);
        foreach (var slot in _models.Values.SelectMany(versions => versions))
            await slot.CloseAsync().ConfigureAwait(false);
    }

    private async ValueTask<ModelSlot> FindAsync(ModelName name, long? version, CancellationToken cancellationToken)
    {
        if (FindCurrent(name, version) is { } current)
            return current;
        var versions = await LookUpAsync(name, version, cancellationToken).ConfigureAwait(false);
        return Find(versions, version) ?? throw NotFound(name, version, versions);
    }

    /// <summary>
    /// Null when the store is to be asked: for what is not known, and after a failure, which may be old news (replaced
    /// meanwhile, gone meanwhile).
    /// </summary>
    private ModelSlot? FindCurrent(ModelName name, long? version) =>
        _models.TryGetValue(name, out var versions) && Find(versions, version) is { IsStale: false } slot ? slot : null;

    private static ModelSlot? Find(ImmutableArray<ModelSlot> versions, long? version)
    {
        if (version is null)
            return versions.IsEmpty ? null : versions[^1];
        foreach (var slot in versions)
        {
            if (slot.Version.Id.Version == version)
                return slot;
        }

        return null;
    }

    private static InferenceException NotFound(ModelName name, long? version, ImmutableArray<ModelSlot> versions) =>
        new(InferenceError.ModelNotFound, versions.IsEmpty
            ? $"There is no model {name}."
            : $"Model {name} has no version {version}; it has {string.Join(", ", versions.Select(slot => slot.Version.Id.Version))}.");

    private Task<ImmutableArray<ModelSlot>> LookUpAsync(ModelName name, long? version, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ThrowIfDisposed();
            // The lookup of another caller may have ended since this one found nothing.
            if (FindCurrent(name, version) is not null)
                return Task.FromResult(_models[name]);
            if (!_lookups.TryGetValue(name, out var lookup) || !lookup.TryJoin())
            {
                lookup = new SharedTask<ImmutableArray<ModelSlot>>(token => RefreshAsync(name, token), after: lookup);
                lookup.TryJoin();
                _lookups[name] = lookup;
            }

            return lookup.WaitAsync(cancellationToken);
        }
    }

    private async Task<ImmutableArray<ModelSlot>> RefreshAsync(ModelName name, CancellationToken cancellationToken)
    {
        try
        {
            var listed = await store.ListAsync(name, cancellationToken).ConfigureAwait(false);
            lock (_gate)
            {
                ThrowIfDisposed();
                var versions = Merge(_models.GetValueOrDefault(name, ImmutableArray<ModelSlot>.Empty), listed);
                if (versions.IsEmpty)
                    _models.TryRemove(name, out _);
                else
                    _models[name] = versions;
                return versions;
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

    private void ThrowIfDisposed()
    {
        if (_disposed)
            throw InferenceException.Stopping();
    }

    /// <summary>What is loaded or loading stays as it is; the rest follows the store.</summary>
    private ImmutableArray<ModelSlot> Merge(ImmutableArray<ModelSlot> known, IReadOnlyList<ModelVersion> listed)
    {
        var merged = known.Where(slot => slot.Status.State is ModelState.Ready or ModelState.Loading).ToDictionary(slot => slot.Version.Id);
        foreach (var version in listed)
        {
            var same = known.FirstOrDefault(slot => slot.Version == version && !slot.IsStale);
            merged.TryAdd(version.Id, same ?? new ModelSlot(version, store, runtime, time, logger));
        }

        return [.. merged.Values.OrderBy(slot => slot.Version.Id.Version)];
    }
}
