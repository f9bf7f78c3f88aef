using Inference.Catalog.Memory;

namespace Inference.Catalog;

/// <summary>
/// The order in which waiting loads reserve memory. The first load has the turn: only this load may reserve memory, and the others wait.
/// Without an order, memory that was freed for a large model would go to smaller models again and again. The length of a turn is limited,
/// because the memory that a load waits for may stay in use for long. The lock of the <see cref="MemoryBudget"/> guards this type.
/// </summary>
internal sealed class LoadTurns(TimeProvider time)
{
    /// <summary>The longest time for which a load keeps other loads from reserving memory.</summary>
    public static readonly TimeSpan MaxTurn = TimeSpan.FromSeconds(10);

    /// <summary>The turns of the waiting loads, in order.</summary>
    private readonly List<object> _waiting = [];

    /// <summary>The timestamp at which the turn of the first load began.</summary>
    private long _turnStarted;

    /// <summary>
    /// Whether a load may reserve memory now. While loads wait, only the first of them may. While no load waits, any load may. The call
    /// moves the first load to the end if its turn has lasted longer than <see cref="MaxTurn"/> and another load waits.
    /// </summary>
    /// <param name="turn">The result of <see cref="Enter"/>; null for a load that has not waited yet.</param>
    public bool TryTakeTurn(object? turn)
    {
        if (_waiting.Count > 1 && time.GetElapsedTime(_turnStarted) >= MaxTurn)
        {
            var first = _waiting[0];
            Leave(first);
            _waiting.Add(first);
        }

        return _waiting.Count == 0 || _waiting[0] == turn;
    }

    /// <summary>Adds a load to the waiting loads, and returns the object that identifies its turn.</summary>
    public object Enter()
    {
        var turn = new object();
        if (_waiting.Count == 0)
            _turnStarted = time.GetTimestamp();
        _waiting.Add(turn);
        return turn;
    }

    /// <summary>Removes a load from the waiting loads. If the removed load was the first, the next load's turn begins now.</summary>
    public void Leave(object turn)
    {
        if (_waiting.Count > 0 && _waiting[0] == turn)
            _turnStarted = time.GetTimestamp();
        _waiting.Remove(turn);
    }
}
