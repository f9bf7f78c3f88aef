using System.Diagnostics.CodeAnalysis;

namespace Inference.Catalog.Memory;

/// <summary>
/// Memory for work other than loaded models, from <see cref="MemoryBudget.TryReserve"/>. Disposing the reservation releases the memory.
/// </summary>
[SuppressMessage("Design", "CA2213", Justification = "The budget may cancel the source at any time. The source has no timer to dispose.")]
public sealed class MemoryReservation : IDisposable
{
    private readonly MemoryBudget _budget;
    private readonly CancellationTokenSource _reclaim = new();

    internal MemoryReservation(MemoryBudget budget, long bytes) => (_budget, Bytes) = (budget, bytes);

    internal long Bytes { get; }

    /// <summary>Cancelled when a load needs the memory. The work must then end soon and release the memory.</summary>
    public CancellationToken ReclaimToken => _reclaim.Token;

    public void Dispose() => _budget.Release(this);

    /// <summary>Cancels the work, but runs none of its callbacks on the calling thread.</summary>
    internal void Reclaim() => _ = _reclaim.CancelAsync();
}
