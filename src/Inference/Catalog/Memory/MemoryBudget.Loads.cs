using Inference.Models;

namespace Inference.Catalog.Memory;

/// <summary>The reservation of memory for loads.</summary>
public sealed partial class MemoryBudget
{
    /// <summary>Throws for a model that is larger than the whole budget, before any work is done for this model.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the model is too large. The message contains the sizes in bytes.
    /// </exception>
    internal void ThrowIfTooLarge(ModelId id, long estimate)
    {
        if (estimate <= limit)
            return;
        throw new InferenceException(
            InferenceError.ModelUnavailable,
            $"Model {id} needs about {estimate} bytes, but Models__MemoryBudget allows {limit}. Raise the budget.")
        {
            LastsUntilFilesChange = true,
        };
    }

    /// <summary>Waits until the model fits in memory, and reserves that memory. Disposing the result releases the memory.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>: the model does not fit. The message contains the sizes in bytes.
    /// </exception>
    internal async Task<ModelMemory> ReserveAsync(BudgetedVersion version, MemoryEstimate estimate, CancellationToken cancellationToken)
    {
        // The size is checked first, so that no other model is unloaded in vain.
        ThrowIfTooLarge(version.Id, estimate.Loaded);
        object? turn = null;
        try
        {
            while (true)
            {
                ModelMemory? victim;
                Task changed;
                lock (_gate)
                {
                    changed = _changed.Task;
                    if (TryReserveForLoad(version, estimate, turn, out victim) is { } memory)
                        return memory;
                    turn ??= _turns.Enter();
                }

                if (victim is not null)
                    await EvictAsync(victim, version.Id).WaitAsync(cancellationToken).ConfigureAwait(false);
                else
                    await WaitAsync(changed, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (turn is not null)
                EndTurn(turn);
        }
    }

    /// <summary>Reserves memory for a load, if it is the turn of the load and the memory is free.</summary>
    /// <param name="victim">Receives the model to unload before the next attempt; null when only waiting can help.</param>
    /// <returns>Null when the model does not fit yet.</returns>
    private ModelMemory? TryReserveForLoad(BudgetedVersion version, MemoryEstimate estimate, object? turn, out ModelMemory? victim)
    {
        victim = null;
        if (NeverFits(estimate))
            throw CreateNoRoomError(version.Id, estimate);
        if (!_turns.TryTakeTurn(turn))
            return null;
        if (Fits(estimate))
            return AddModel(version, estimate);
        foreach (var reservation in _reservations)
            reservation.Reclaim();
        if (_reservations.Count > 0)
            return null;
        victim = SelectVictim();
        // A wait helps in two cases. A model that is loading or about to be leased can be unloaded later. A model that is being unloaded
        // frees memory soon.
        if (victim is null && _models.TrueForAll(StaysInMemory))
            throw CreateNoRoomError(version.Id, estimate);
        return null;
    }

    /// <summary>Waits until the memory has changed, or until the turn of another load may be over.</summary>
    private async Task WaitAsync(Task changed, CancellationToken cancellationToken)
    {
        try
        {
            await changed.WaitAsync(LoadTurns.MaxTurn, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The caller checks again.
        }
    }

    private void EndTurn(object turn)
    {
        lock (_gate)
        {
            _turns.Leave(turn);
            Signal();
        }
    }
}
