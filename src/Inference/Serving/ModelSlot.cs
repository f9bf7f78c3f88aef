using Inference.Batching;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Shadow;

namespace Inference.Serving;

/// <summary>The place of one version of one model: not loaded, loading, ready, failed a moment ago, or on its way out.</summary>
internal sealed class ModelSlot(ModelVersion version, ModelLoader loader)
{
    /// <summary>How long a failed load is answered from memory, so that a broken model does not burn the processor.</summary>
    private static readonly TimeSpan FailureMemory = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private volatile LoadedModel? _loaded;

    /// <summary>The last one unloaded, for as long as someone uses it.</summary>
    private volatile LoadedModel? _leaving;
    private SharedTask<LoadedModel>? _loading;
    private volatile InferenceException? _failure;
    private DateTimeOffset _failureEnds;
    private volatile bool _closed;
    private long _uses;

    public ModelVersion Version { get; } = version;

    /// <summary>The permission to share runs, made at the first load; null before. A contract that has ended stays so when the version is unloaded.</summary>
    public BatchContract? Contract { get; set; }

    public ModelStatistics Statistics { get; } = new(loader.Time);

    /// <summary>Leases given so far, also of sessions that were unloaded since.</summary>
    public long Uses => Volatile.Read(ref _uses);

    /// <summary>Kept in memory whatever the budget says, because an operator wants it so.</summary>
    public bool IsPinned { get; set; }

    /// <summary>The version that also runs what this one answers, if the request named none; null for none.</summary>
    public ModelSlot? Shadow { get; set; }

    /// <summary>What became of the runs as a shadow; null when it is none.</summary>
    public ShadowCounts? ShadowCounts { get; private set; }

    /// <summary>Whether it could be loaded now without another model making room for it.</summary>
    public bool HasRoom => loader.HasRoom(Version);

    /// <summary>Kept in memory while its successor is being made ready.</summary>
    public bool IsHeld { get; set; }

    public bool IsKept => IsPinned || IsHeld;

    /// <summary>Why other files that the store has of this version now are not served; null once it has these again.</summary>
    public Refusal? Refused { get; set; }

    public bool IsReady => _loaded is not null;

    /// <summary>Null while it is not <see cref="ModelState.Ready"/>.</summary>
    public LoadedModel? Loaded => _loaded;

    public bool IsInUse => _loaded is { IsInUse: true };

    /// <summary>Not while callers wait for the load: what they are about to lease would go before they have it.</summary>
    public bool MayUnload => !IsKept && _loading is not { HasWaiters: true };

    /// <summary>Nothing of it is in memory any more.</summary>
    public bool IsGone => _loaded is null && _leaving is null or { IsGone: true };

    /// <summary>Its files were there, and no model could be made of them.</summary>
    public bool IsBroken { get; set; }

    /// <summary>Nothing was loaded of it, and not because of its files: the store did not hand them out.</summary>
    public bool IsUntried => !IsReady && !IsBroken;

    /// <summary>The last load failed, and what was remembered of it no longer counts.</summary>
    public bool IsStale
    {
        get
        {
            // Without the lock on every prediction of a model that loads.
            if (_failure is null)
                return false;
            lock (_gate)
                return _failure is not null && loader.Time.GetUtcNow() >= _failureEnds;
        }
    }

    public ModelStatus Status
    {
        get
        {
            lock (_gate)
            {
                // Once: an unload, which takes no lock, may come at any moment.
                var loaded = _loaded;
                var (state, reason) = loaded is not null ? (ModelState.Ready, loaded.Session.Unavailable?.Message)
                    : _loading is { IsCompleted: false } ? (ModelState.Loading, null)
                    : _leaving is { IsGone: false } ? (ModelState.Unloading, null)
                    : _failure is not null ? (ModelState.Failed, _failure.Message)
                    : (ModelState.Available, null);
                return new ModelStatus(Version, state, reason) { Contract = Contract, Shadow = ShadowCounts, Digest = loaded?.Digest?.Known }
                    .Because(loaded is null ? null : Refused?.Reason)
                    .Because(Contract?.Ending);
            }
        }
    }

    /// <summary>What <see cref="LeaseAsync"/> need not wait for; null when it is not loaded.</summary>
    public ModelLease? TryLease()
    {
        if (_loaded is not { } ready || !ready.TryLease(out var lease))
            return null;
        Interlocked.Increment(ref _uses);
        return lease;
    }

    /// <summary>Null once the slot was closed or its files have changed: another one takes its place, or the server stops.</summary>
    public async ValueTask<ModelLease?> LeaseAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _uses);
        while (true)
        {
            if (_loaded is { } ready && ready.TryLease(out var lease))
                return lease;
            if (JoinLoad() is not { } loading)
                return null;
            try
            {
                var loaded = await loading.WaitAsync(cancellationToken).ConfigureAwait(false);
                if (loaded.TryLease(out lease))
                    return lease;
            }
            catch (InferenceException) when (_closed)
            {
                return null;
            }
            finally
            {
                loader.Leased();
            }
        }
    }

    /// <summary>Loads, if it is not loaded, without taking a lease.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        if (!IsReady)
            (await LeaseAsync(cancellationToken).ConfigureAwait(false))?.Dispose();
    }

    /// <summary>Works out the digest that <see cref="Status"/> tells, if it is loaded.</summary>
    public Task DigestAsync() => _loaded?.Digest?.GetAsync() ?? Task.CompletedTask;

    public void SetShadow(bool isShadow) => ShadowCounts = isShadow ? ShadowCounts ?? new ShadowCounts() : null;

    /// <summary>Gives the slot's share of the session back: memory returns once the last lease does. A later lease loads again.</summary>
    public void Unload()
    {
        if (Interlocked.Exchange(ref _loaded, null) is not { } loaded)
            return;
        _leaving = loaded;
        loaded.Release();
    }

    /// <summary>Stops a load under way and unloads. Nothing is leased from here after that.</summary>
    public async Task CloseAsync()
    {
        SharedTask<LoadedModel>? loading;
        lock (_gate)
        {
            _closed = true;
            loading = _loading;
        }

        if (loading is not null)
            await loading.StopAsync().ConfigureAwait(false);
        Unload();
    }

    private SharedTask<LoadedModel>? JoinLoad()
    {
        lock (_gate)
        {
            // Of files that have changed since they were listed nothing can be made, however often it is tried.
            if (_closed || _failure is { RetryAfter.Ticks: 0 })
                return null;
            var remaining = _failureEnds - loader.Time.GetUtcNow();
            if (_failure is not null && remaining > TimeSpan.Zero)
                throw new InferenceException(_failure.Error, _failure.Message, _failure) { RetryAfter = remaining };
            if (_loading is { } current && (!current.IsCompleted || _loaded is not null) && current.TryJoin())
                return current;

            _failure = null;
            _loading = new SharedTask<LoadedModel>(OpenAsync, after: _loading);
            _loading.TryJoin();
            return _loading;
        }
    }

    private async Task<LoadedModel> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A load that everyone left may have finished all the same.
            if (_loaded is { } already)
                return already;
            cancellationToken.ThrowIfCancellationRequested();
            IsBroken = false;
            var files = await loader.FetchAsync(Version, cancellationToken).ConfigureAwait(false);
            var loaded = await loader.OpenAsync(this, files, cancellationToken).ConfigureAwait(false);
            _loaded = loaded;
            loader.Loaded(Version.Id, loaded);
            return loaded;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e)
        {
            throw Remember(e);
        }
    }

    private InferenceException Remember(Exception exception)
    {
        var failure = exception as InferenceException
            ?? new InferenceException(InferenceError.ModelUnavailable, $"Model {Version.Id} could not be loaded: {exception.Message}", exception);
        InferenceMetrics.LoadFailed(Version.Id);
        loader.Logger.ModelLoadFailed(exception, Version.Id, failure.Message);
        lock (_gate)
        {
            _failure = failure;
            _failureEnds = loader.Time.GetUtcNow() + (failure.RetryAfter ?? FailureMemory);
        }

        return new InferenceException(failure.Error, failure.Message, failure) { RetryAfter = failure.RetryAfter ?? FailureMemory };
    }
}
