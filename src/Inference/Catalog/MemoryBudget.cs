using Inference.Diagnostics;
using Inference.Models;
using Microsoft.Extensions.Logging;

namespace Inference.Catalog;

/// <summary>
/// How many bytes of models may be in memory. A model that does not fit makes room by unloading the least valuable of those
/// that are loaded, in the order of Greedy-Dual-Size-Frequency (L. Cherkasova, HP Labs report HPL-98-69R1): uses times the
/// duration of the load by size, on a clock that lets old uses count less. Those in use go only when no other can.
/// </summary>
/// <param name="limit">Bytes.</param>
/// <param name="processMemory">The resident bytes of the process: what a load adds to them is what the model takes.</param>
public sealed class MemoryBudget(long limit, Func<long> processMemory, ILogger<MemoryBudget> logger)
{
    private readonly Lock _gate = new();
    private readonly List<ModelMemory> _models = [];
    private TaskCompletionSource _changed = NewSignal();
    private double _clock;

    /// <summary>Counts loads, so that each can tell whether it was alone.</summary>
    private int _begun;
    private int _loading;

    public long Limit => limit;

    /// <summary>Bytes of the models that are loading, loaded, or unloaded and still in use.</summary>
    public long Used
    {
        get
        {
            lock (_gate)
                return Sum();
        }
    }

    /// <summary>Where the clock of values stands: a model's uses count from there on.</summary>
    internal double Clock => Volatile.Read(ref _clock);

    /// <summary>Whether so many bytes fit beside what is there now.</summary>
    internal bool HasRoom(long bytes) => Used + bytes <= limit;

    /// <summary>Refuses a model that is larger than the whole budget, before anything is done for it.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>, with the numbers.</exception>
    internal void ThrowIfTooLarge(ModelId id, long estimate)
    {
        if (estimate <= limit)
            return;
        throw new InferenceException(
            InferenceError.ModelUnavailable, $"Model {id} needs about {estimate} bytes, but Models__MemoryBudget allows {limit}. Raise the budget.")
        {
            IsCausedByFiles = true,
        };
    }

    /// <summary>Waits until the model has its place; disposing that gives it back.</summary>
    /// <param name="estimate">Bytes, as far as one can tell before the load.</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: it does not fit, with the numbers.</exception>
    internal async Task<ModelMemory> ReserveAsync(MemoryClient client, long estimate, CancellationToken cancellationToken)
    {
        // Before any model has to go for it in vain.
        ThrowIfTooLarge(client.Id, estimate);
        while (true)
        {
            ModelMemory? victim;
            Task changed;
            lock (_gate)
            {
                if (Sum() + estimate <= limit)
                    return Begin(client, estimate);
                changed = _changed.Task;
                victim = LeastValuable();
                // What is loading or about to be leased may be unloaded next, and what is leaving is about to be gone: worth a wait.
                if (victim is null && _models.TrueForAll(
                    model => model is { IsLeftBehind: true } or { IsLoaded: true, IsLeaving: false, Client.IsKept: true }))
                    throw DoesNotFit(client.Id, estimate);
            }

            if (victim is null)
            {
                await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            InferenceMetrics.Evicted(victim.Client.Tags, "memory");
            logger.ModelEvicted(victim.Client.Id, victim.Bytes, client.Id);
            await victim.Client.UnloadAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    internal void Loaded(ModelMemory memory, TimeSpan duration)
    {
        lock (_gate)
        {
            // Unloaded again already.
            if (!_models.Contains(memory))
                return;
            _loading--;
            memory.LoadSeconds = duration.TotalSeconds;
            memory.Clock = _clock;
            memory.IsLoaded = true;
            if (memory.WasAlone && memory.Number == _begun)
                memory.Bytes = Math.Max(memory.Bytes, processMemory() - memory.ProcessMemoryBefore);
            Signal();
        }
    }

    internal void LeftBehind(ModelMemory memory)
    {
        lock (_gate)
        {
            memory.IsLeftBehind = true;
            Signal();
        }
    }

    internal void Gone(ModelMemory memory)
    {
        lock (_gate)
        {
            if (!_models.Remove(memory))
                return;
            if (!memory.IsLoaded)
                _loading--;
            Signal();
        }
    }

    /// <summary>Those who waited for a model's load have their leases: it may be unloaded from now on.</summary>
    internal void Leased()
    {
        lock (_gate)
            Signal();
    }

    private ModelMemory Begin(MemoryClient client, long estimate)
    {
        var memory = new ModelMemory(this, client)
        {
            Bytes = estimate,
            Number = ++_begun,
            WasAlone = _loading++ == 0,
            ProcessMemoryBefore = processMemory(),
        };
        _models.Add(memory);
        return memory;
    }

    private ModelMemory? LeastValuable()
    {
        ModelMemory? least = null;
        foreach (var model in _models)
        {
            if (model is { IsLoaded: true, IsLeaving: false, Client.MayUnload: true } && (least is null || model.CompareTo(least) < 0))
                least = model;
        }

        if (least is null)
            return null;
        least.IsLeaving = true;
        Volatile.Write(ref _clock, Math.Max(_clock, least.Value));
        return least;
    }

    private long Sum()
    {
        var sum = 0L;
        foreach (var model in _models)
            sum += model.Bytes;
        return sum;
    }

    private void Signal()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }

    private InferenceException DoesNotFit(ModelId id, long estimate) => new(
        InferenceError.ModelUnavailable,
        $"Model {id} needs about {estimate} bytes, but of the {limit} that Models__MemoryBudget allows {Sum()} are taken by models that are "
        + "pinned, being reloaded, or still computing after their load was cancelled. Raise the budget or unpin a model.");

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
