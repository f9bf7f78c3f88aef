using System.Diagnostics.CodeAnalysis;

namespace Inference.Catalog.Memory;

/// <summary>Memory for work beside the models, from <see cref="MemoryBudget.TryReserve"/>. Disposing it gives the memory back.</summary>
[SuppressMessage("Design", "CA2213", Justification = "The budget may cancel it at any time; without a timer it holds nothing to dispose.")]
public sealed class MemoryReservation : IDisposable
{
    private readonly MemoryBudget _budget;
    private readonly CancellationTokenSource _reclaim = new();

    internal MemoryReservation(MemoryBudget budget, long bytes) => (_budget, Bytes) = (budget, bytes);

    internal long Bytes { get; }

    /// <summary>Fires when a load needs the memory: the work is to end soon, and to give it back.</summary>
    public CancellationToken Reclaimed => _reclaim.Token;

    public void Dispose() => _budget.GiveBack(this);

    /// <summary>Runs nothing of the work on the calling thread.</summary>
    internal void Reclaim() => _ = _reclaim.CancelAsync();
}
