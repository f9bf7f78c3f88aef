using Inference.Catalog.Memory;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Contracts;

namespace Inference.Catalog;

/// <summary>Holds one version of a model, loaded or not. Owns and changes the version's <see cref="SlotState"/>.</summary>
internal sealed class ModelSlot(ModelVersion version, ModelLoader loader) : BudgetedVersion
{
    /// <summary>The time for which requests receive a failed load's error instead of a new load.</summary>
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();

    /// <summary>The state, which is written under the gate and read without the gate.</summary>
    private volatile SlotState _state = new SlotState.NotLoaded(new SlotHistory());
    private readonly ModelTelemetry _telemetry = loader.CreateTelemetry(version.Id);
    private int _loadAttempts;
    private int _holds;
    private long _uses;

    public ModelVersion Version => version;
    public override ModelId Id => version.Id;
    public override ModelTags Tags => _telemetry.Tags;

    public ModelStatistics Statistics => _telemetry.Statistics;

    public override long Uses => Volatile.Read(ref _uses);

    /// <summary>Whether the settings pin the model in memory. Written by the catalog only.</summary>
    public bool IsPinned { get; set; }

    /// <summary>The contract that decides whether requests share runs; null before the first load.</summary>
    public BatchContract? Contract => _state.History.Contract;

    /// <summary>The loaded model; null unless the version is ready.</summary>
    public LoadedModel? Loaded => (_state as SlotState.Ready)?.Model;

    public bool IsReady => _state is SlotState.Ready;
    public bool IsLoading => _state is SlotState.Loading;

    /// <summary>Whether the slot was removed or replaced, or the server is stopping.</summary>
    public bool IsClosed => _state is SlotState.Closed;

    public override bool IsInUse => Loaded is { IsInUse: true };

    public override bool MustStayLoaded => IsPinned || Volatile.Read(ref _holds) > 0;

    /// <summary>Whether the version may be unloaded now. False while callers wait for a load, because they have no leases yet.</summary>
    public override bool CanUnload => !MustStayLoaded && _state.History.Load is not { HasWaiters: true };

    /// <summary>Whether the version could be loaded now without unloading another model.</summary>
    public bool HasRoom => loader.HasRoom(version);

    /// <summary>The number of cancelled runs that have not ended.</summary>
    public int CancelledRuns => (Loaded?.QueueLoad.Cancelled ?? 0) + (_state.History.LastUnloaded?.QueueLoad.Cancelled ?? 0);

    /// <summary>Whether the version is not ready, and the session that was unloaded last has no users.</summary>
    public bool IsReleased => !IsReady && _state.History.LastUnloaded is null or { IsReleased: true };

    /// <summary>Whether the memory of the version was released.</summary>
    public bool IsEnded => !IsReady && _state.History.LastUnloaded is null or { Ended.IsCompleted: true };

    /// <summary>Whether the last load failed because the files are not a working model.</summary>
    public bool IsBroken => _state is SlotState.Failed { IsBroken: true };

    /// <summary>Whether the last load failed because the files are not trusted. A repair of the files may not change their tag.</summary>
    public bool IsDistrusted => _state is SlotState.Failed { Failure.IsTrustFailure: true };

    /// <summary>Whether the version is not loaded because it crashed a process or failed its trial.</summary>
    public bool IsQuarantined => !IsReady && loader.FindQuarantine(version) is not null;

    /// <summary>Whether a load may be tried: the version is not ready, and the last load did not find its files broken.</summary>
    public bool MayLoad => !IsReady && !IsBroken;

    /// <summary>Whether the last load failed so long ago that the next request retries it.</summary>
    public bool IsRetryDue => _state is SlotState.Failed failed && loader.Time.GetUtcNow() >= failed.RetryAt;

    public ModelStatus Status
    {
        get
        {
            var state = _state;
            var (shownState, reason, cause) = state.Describe(() => loader.FindProblem(version));
            var loaded = (state as SlotState.Ready)?.Model;
            return new ModelStatus(version, shownState, reason)
            {
                Cause = cause,
                Contract = state.History.Contract,
                Digest = loaded?.Digest?.Known,
                Warnings = [.. loaded?.Warnings ?? []],
            }.WithReason(state.History.Contract?.EndMessage);
        }
    }

    /// <summary>Returns a lease without a load; null when the version is not ready.</summary>
    public ModelLease? TryLease() => _state is SlotState.Ready { Model: var model } ? TryGrant(model, wasLoaded: true) : null;

    /// <summary>Leases the version, and loads it first if it is not loaded.</summary>
    /// <param name="settings">The settings in force, for a load that this call begins.</param>
    /// <returns>Null when the slot was closed or its files have changed: another slot replaces it, or the server is stopping.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the version does not load.</exception>
    public async ValueTask<ModelLease?> LeaseAsync(ServedSettings settings, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_state is SlotState.Ready ready && TryGrant(ready.Model, wasLoaded: false) is { } lease)
                return lease;
            if (JoinLoad(settings) is not { } load)
                return null;
            try
            {
                if (TryGrant(await load.WaitAsync(cancellationToken).ConfigureAwait(false), wasLoaded: false) is { } granted)
                    return granted;
            }
            catch (InferenceException) when (_state is SlotState.Closed)
            {
                return null;
            }
            finally
            {
                loader.RecordLease();
            }
        }
    }

    /// <summary>Loads the version unless it is ready, without a lease.</summary>
    public async Task LoadAsync(ServedSettings settings, CancellationToken cancellationToken)
    {
        if (!IsReady)
            (await LeaseAsync(settings, cancellationToken).ConfigureAwait(false))?.Dispose();
    }

    /// <summary>Computes the digest that <see cref="Status"/> shows, if the version is ready.</summary>
    public Task ComputeDigestAsync() => Loaded?.Digest?.GetAsync() ?? Task.CompletedTask;

    /// <summary>Keeps the version in memory until the result is disposed.</summary>
    public IDisposable Hold()
    {
        Interlocked.Increment(ref _holds);
        return new SlotHold(() => Interlocked.Decrement(ref _holds));
    }

    public override Task UnloadAsync()
    {
        LoadedModel model;
        lock (_gate)
        {
            if (_state is not SlotState.Ready ready)
                return Task.CompletedTask;
            model = ready.Model;
            _state = new SlotState.NotLoaded(ready.History with { LastUnloaded = model });
        }

        return model.ReleaseAsync(loader.Limits);
    }

    /// <summary>Completes when the last unloaded session has released its memory, or at once while that session is in use.</summary>
    public Task Ended => _state.History.LastUnloaded?.EndedIfReleased ?? Task.CompletedTask;

    /// <summary>Stops a load in progress and unloads the version. The slot grants no lease afterwards.</summary>
    /// <returns>Completes when the memory was released, or earlier if the session is still in use or does not end.</returns>
    public async Task CloseAsync()
    {
        SlotState before;
        lock (_gate)
        {
            before = _state;
            var unloaded = (before as SlotState.Ready)?.Model ?? before.History.LastUnloaded;
            _state = new SlotState.Closed(before.History with { LastUnloaded = unloaded });
        }

        if (before.History.Load is { } load)
            await load.StopAsync().ConfigureAwait(false);
        (before as SlotState.Ready)?.Model.Release();
        await loader.Limits.WaitAsync(Ended).ConfigureAwait(false);
    }

    /// <summary>Grants a lease, and counts it as a use; null when the model was unloaded.</summary>
    private ModelLease? TryGrant(LoadedModel model, bool wasLoaded)
    {
        if (!model.TryRetain())
            return null;
        Interlocked.Increment(ref _uses);
        return new ModelLease(model) { WasLoaded = wasLoaded };
    }

    private SharedTask<LoadedModel>? JoinLoad(ServedSettings settings)
    {
        lock (_gate)
        {
            // A RetryAfter of zero means that the files have changed since they were listed. No retry with this slot can succeed.
            if (_state is SlotState.Closed or SlotState.Failed { Failure.RetryAfter.Ticks: 0 })
                return null;
            if (_state is SlotState.Failed failed && failed.RetryAt - loader.Time.GetUtcNow() is var remaining && remaining > TimeSpan.Zero)
                throw InferenceException.Repeat(failed.Failure, remaining);
            if (_state is SlotState.Ready or SlotState.Loading && _state.History.Load is { } current && current.TryJoin())
                return current;

            var attempt = ++_loadAttempts;
            var load = new SharedTask<LoadedModel>(token => LoadAsync(attempt, settings, token), after: _state.History.Load);
            load.TryJoin();
            var history = _state.History with { Load = load };
            _state = _state switch
            {
                // The previous load has succeeded after its last caller cancelled. The new load returns the loaded model.
                SlotState.Ready ready => ready with { History = history },
                SlotState.Loading abandoned => new SlotState.Loading(history, attempt, abandoned.Before),
                var before => new SlotState.Loading(history, attempt, before),
            };
            return load;
        }
    }

    private async Task<LoadedModel> LoadAsync(int attempt, ServedSettings settings, CancellationToken cancellationToken)
    {
        // The previous load may have succeeded after its last caller cancelled.
        if (Loaded is { } loadedBefore)
            return loadedBefore;
        var isFetched = false;
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            await ThrowIfStillRunningAsync().ConfigureAwait(false);
            var files = await loader.FetchAsync(version, cancellationToken).ConfigureAwait(false);
            isFetched = true;
            var source = new LoadSource(version, files, settings, Contract);
            var loaded = await loader.LoadAsync(source, this, _telemetry, cancellationToken).ConfigureAwait(false);
            return await SetLoadedAsync(loaded).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            EndLoad(attempt, static loading => loading.Before with { History = loading.History });
            throw;
        }
        catch (Exception e)
        {
            var failedAfterFetch = isFetched && e is not InferenceException { Error: InferenceError.Overloaded };
            throw RecordLoadFailure(attempt, e, isBroken: failedAfterFetch || e is InferenceException { LastsUntilFilesChange: true });
        }
    }

    /// <summary>Throws if cancelled runs of the last session do not end soon. Otherwise each load could add more endless runs.</summary>
    private async Task ThrowIfStillRunningAsync()
    {
        if (_state.History.LastUnloaded is not { QueueLoad.Cancelled: > 0 } unloaded)
            return;
        await loader.Limits.WaitAsync(unloaded.Ended).ConfigureAwait(false);
        if (unloaded.QueueLoad.Cancelled is > 0 and var runs)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable,
                $"Model {Id} still computes {Counted.Text(runs, "cancelled run")}. The model is not loaded again before all of them end. "
                + "Replace its files, or restart the server.");
        }
    }

    private async Task<LoadedModel> SetLoadedAsync(LoadedModel loaded)
    {
        bool isClosed;
        lock (_gate)
        {
            isClosed = _state is SlotState.Closed;
            if (!isClosed)
                _state = new SlotState.Ready(_state.History with { Contract = loaded.Contract }, loaded);
        }

        if (isClosed)
        {
            await loaded.ReleaseAsync(loader.Limits).ConfigureAwait(false);
            throw InferenceException.CreateStoppingError();
        }

        // The load is recorded only after the slot has the model, because a recorded model may be unloaded at once.
        loader.RecordLoad(version, loaded);
        return loaded;
    }

    private InferenceException RecordLoadFailure(int attempt, Exception exception, bool isBroken)
    {
        var failure = exception as InferenceException
            ?? new InferenceException(InferenceError.ModelUnavailable, $"Model {Id} could not be loaded: {exception.Message}", exception);
        var retryAfter = failure.RetryAfter ?? RetryDelay;
        InferenceMetrics.RecordLoadFailure(Tags);
        EndLoad(attempt, loading => new SlotState.Failed(loading.History, failure, loader.Time.GetUtcNow() + retryAfter, isBroken));
        _telemetry.Logger.ModelLoadFailed(exception, Id, failure.Message);
        return InferenceException.Repeat(failure, retryAfter);
    }

    /// <summary>Replaces the state after a load has ended, unless a later load or <see cref="CloseAsync"/> has replaced it.</summary>
    private void EndLoad(int attempt, Func<SlotState.Loading, SlotState> next)
    {
        lock (_gate)
        {
            if (_state is SlotState.Loading loading && loading.Attempt == attempt)
                _state = next(loading);
        }
    }
}
