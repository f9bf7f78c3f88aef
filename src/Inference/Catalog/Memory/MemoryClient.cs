using Inference.Diagnostics;
using Inference.Models;

namespace Inference.Catalog.Memory;

/// <summary>A model version that uses memory, as the <see cref="MemoryBudget"/> sees it.</summary>
internal abstract class MemoryClient
{
    public abstract ModelId Id { get; }

    public abstract ModelTags Tags { get; }

    /// <summary>The number of leases granted so far, including leases of sessions that were unloaded since.</summary>
    public abstract long Uses { get; }

    /// <summary>Whether any lease is out.</summary>
    public abstract bool IsInUse { get; }

    /// <summary>Whether the version stays in memory, whatever else needs room.</summary>
    public abstract bool IsKept { get; }

    /// <summary>Whether the version may be unloaded now.</summary>
    public abstract bool MayUnload { get; }

    /// <summary>Unloads the version.</summary>
    /// <returns>
    /// Completes when the memory was released. While leases are out it completes at once, because the last lease releases the memory. It
    /// completes after some seconds when the session does not end.
    /// </returns>
    public abstract Task UnloadAsync();
}
