using Inference.Diagnostics;
using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog.Memory;

/// <summary>
/// The budget for the memory of models. When a model does not fit, the least valuable loaded models are unloaded. The value follows
/// Greedy-Dual-Size-Frequency (L. Cherkasova, HP Labs report HPL-98-69R1): clock + uses · load time / size, in seconds and megabytes. For
/// example, 50 uses of a model of 100 MB that loads in 2 s give it the value clock + 1. Each unload raises the budget's clock to the value
/// of the unloaded model. A model's own clock is the budget's clock at its last use, so a model that is no longer used becomes the least
/// valuable. Models in use are unloaded only if there is no other choice.
/// </summary>
/// <param name="limit">The maximum number of bytes for loaded models.</param>
/// <param name="processLimit">The maximum number of bytes for the process, even while a model loads.</param>
/// <param name="getProcessMemory">
/// Returns the number of resident bytes of the process. The growth of this number during a load is the memory of the loaded model.
/// </param>
public sealed partial class MemoryBudget(
    long limit, long processLimit, Func<long> getProcessMemory, TimeProvider time, ILogger<MemoryBudget> logger)
{
    private readonly Lock _gate = new();
    private readonly List<ModelMemory> _models = [];
    private readonly List<MemoryReservation> _reservations = [];
    private readonly LoadTurns _turns = new(time);

    /// <summary>Completes at the next change of the memory, and is then replaced.</summary>
    private TaskCompletionSource _changed = CreateSignal();
    private double _clock;

    /// <summary>The number of loads and reservations so far, so that each load can detect whether another one started meanwhile.</summary>
    private int _startCount;
    private int _loadsInProgress;

    /// <summary>The maximum number of bytes for loaded models.</summary>
    public long Limit => limit;

    /// <summary>The number of bytes of the models that are loading, loaded, or unloaded and still in use.</summary>
    public long Used
    {
        get
        {
            lock (_gate)
                return SumModelBytes();
        }
    }

    /// <summary>The maximum number of bytes for the process, even while a model loads.</summary>
    public long ProcessLimit => processLimit;

    /// <summary>The number of bytes that the process uses, plus the number that loads and reservations in progress may still use.</summary>
    public long EstimatedPeak
    {
        get
        {
            lock (_gate)
                return EstimatePeak();
        }
    }

    /// <summary>The current value of the eviction clock. A use of a model sets the clock of the model to this value.</summary>
    internal double Clock => Volatile.Read(ref _clock);

    /// <summary>Whether a model fits in memory in addition to the current models.</summary>
    internal bool HasRoom(MemoryEstimate estimate)
    {
        lock (_gate)
            return Fits(estimate);
    }

    /// <summary>
    /// Reserves memory for work other than the load of a model, such as a second session of a model. No model is unloaded for such work.
    /// The reservation is provisional: a load that needs the memory reclaims it.
    /// </summary>
    /// <returns>Null when there is no room.</returns>
    public MemoryReservation? TryReserve(long bytes)
    {
        lock (_gate)
        {
            if (EstimatePeak() + bytes > processLimit)
                return null;
            // A load in progress compares the counts to detect that other work started. The load then does not count the memory of this
            // work as its own.
            _startCount++;
            var reservation = new MemoryReservation(this, bytes);
            _reservations.Add(reservation);
            return reservation;
        }
    }

    internal void RecordLoad(ModelMemory memory, TimeSpan duration)
    {
        lock (_gate)
        {
            // The model may have been unloaded already.
            if (!_models.Contains(memory))
                return;
            _loadsInProgress--;
            memory.LoadSeconds = duration.TotalSeconds;
            memory.LastUseClock = _clock;
            memory.IsLoaded = true;
            memory.ExtraLoadBytes = 0;
            if (memory.WasAlone && memory.LoadNumber == _startCount)
                memory.Bytes = Math.Max(memory.Bytes, getProcessMemory() - memory.ProcessMemoryBefore);
            if (SumModelBytes() > limit)
                _ = UnloadOthersAsync(memory);
            Signal();
        }
    }

    internal void Abandon(ModelMemory memory)
    {
        lock (_gate)
        {
            memory.IsAbandoned = true;
            Signal();
        }
    }

    internal void Release(MemoryReservation reservation)
    {
        lock (_gate)
        {
            if (_reservations.Remove(reservation))
                Signal();
        }
    }

    internal void Remove(ModelMemory memory)
    {
        lock (_gate)
        {
            if (!_models.Remove(memory))
                return;
            if (!memory.IsLoaded)
                _loadsInProgress--;
            Signal();
        }
    }

    /// <summary>
    /// Reports that a caller who waited for a load has its lease or has cancelled. Waiting loads then check again which models may be
    /// unloaded.
    /// </summary>
    internal void RecordLease()
    {
        lock (_gate)
            Signal();
    }

    /// <summary>
    /// Unloads models until the remaining models fit in the budget. Called after a load that has used more memory than was estimated.
    /// </summary>
    private async Task UnloadOthersAsync(ModelMemory loaded)
    {
        await Task.Yield();
        while (true)
        {
            ModelMemory? victim;
            lock (_gate)
            {
                victim = SumModelBytes() > limit ? SelectVictim(except: loaded) : null;
                if (victim is null)
                    return;
            }

            await EvictAsync(victim, loaded.Version.Id).ConfigureAwait(false);
        }
    }

    private ModelMemory AddModel(BudgetedVersion version, MemoryEstimate estimate)
    {
        var memory = new ModelMemory(this, version)
        {
            Bytes = estimate.Loaded,
            ExtraLoadBytes = estimate.Loading - estimate.Loaded,
            LoadNumber = ++_startCount,
            WasAlone = _loadsInProgress++ == 0 && _reservations.Count == 0,
            ProcessMemoryBefore = getProcessMemory(),
        };
        _models.Add(memory);
        return memory;
    }

    private Task EvictAsync(ModelMemory victim, ModelId other)
    {
        InferenceMetrics.RecordEviction(victim.Version.Tags, "memory");
        logger.ModelEvicted(victim.Version.Id, victim.Bytes, other);
        return victim.Version.UnloadAsync();
    }

    /// <summary>Selects the model to unload next, and marks it as unloading. Returns null when no model can be unloaded.</summary>
    private ModelMemory? SelectVictim(ModelMemory? except = null)
    {
        ModelMemory? least = null;
        foreach (var model in _models)
        {
            if (model != except && model is { IsLoaded: true, IsUnloading: false, Version.CanUnload: true }
                && (least is null || model.CompareTo(least) < 0))
            {
                least = model;
            }
        }

        if (least is null)
            return null;
        least.IsUnloading = true;
        Volatile.Write(ref _clock, Math.Max(_clock, least.Value));
        return least;
    }

    private bool Fits(MemoryEstimate estimate) =>
        SumModelBytes() + estimate.Loaded <= limit && EstimatePeak() + estimate.Loading <= processLimit;

    /// <summary>
    /// Whether the model would not fit even if all other models were unloaded. False while loads or reservations are in progress, because
    /// their ends can free memory.
    /// </summary>
    private bool NeverFits(MemoryEstimate estimate) =>
        _loadsInProgress == 0 && _reservations.Count == 0 && EstimatePeak() - SumModelBytes() + estimate.Loading > processLimit;

    /// <summary>The memory of the models that are loading, loaded, or unloaded but still in use.</summary>
    private long SumModelBytes()
    {
        var sum = 0L;
        foreach (var model in _models)
            sum += model.Bytes;
        return sum;
    }

    /// <summary>
    /// Returns the most memory that the process can reach with all loads and reservations in progress. The memory that a load has used so
    /// far counts twice: in the resident memory of the process, and in the estimate of the load.
    /// </summary>
    private long EstimatePeak()
    {
        var sum = getProcessMemory();
        foreach (var model in _models)
            sum += model.IsLoaded ? 0 : model.Bytes + model.ExtraLoadBytes;
        foreach (var reservation in _reservations)
            sum += reservation.Bytes;
        return sum;
    }

    private void Signal()
    {
        var changed = _changed;
        _changed = CreateSignal();
        changed.SetResult();
    }

    /// <summary>Whether the model stays in memory for an unknown time.</summary>
    private static bool StaysInMemory(ModelMemory model) =>
        model is { IsAbandoned: true } or { IsLoaded: true, IsUnloading: false, Version.MustStayLoaded: true };

    private InferenceException CreateNoRoomError(ModelId id, MemoryEstimate estimate) => new(
        InferenceError.ModelUnavailable,
        SumModelBytes() + estimate.Loaded > limit
            ? $"Model {id} needs about {estimate.Loaded} bytes, but {SumModelBytes()} of the {limit} bytes of Models__MemoryBudget are "
                + "in use by models that are pinned, being reloaded, or still computing after their load was cancelled. Raise the budget, "
                + "or unpin a model."
            : $"Model {id} needs up to {estimate.Loading} bytes while it loads, but {getProcessMemory()} of the {processLimit} bytes that "
                + "this process may use are in use. Give the process more memory.");

    private static TaskCompletionSource CreateSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
