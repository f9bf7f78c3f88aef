using Inference.Diagnostics;
using Inference.Models;

namespace Inference.Catalog.Memory;

/// <summary>A model version that takes memory, as the <see cref="MemoryBudget"/> sees it.</summary>
internal abstract class MemoryClient
{
    public abstract ModelId Id { get; }

    public abstract ModelTags Tags { get; }

    /// <summary>Leases given so far, also of sessions that were unloaded since.</summary>
    public abstract long Uses { get; }

    /// <summary>Whether someone holds a lease.</summary>
    public abstract bool IsInUse { get; }

    /// <summary>Whether it stays in memory whatever else needs room.</summary>
    public abstract bool IsKept { get; }

    /// <summary>Whether it may be unloaded now.</summary>
    public abstract bool MayUnload { get; }

    /// <summary>Unloads it.</summary>
    /// <returns>
    /// Ends when its memory was given back; at once while leases are out, because the last one gives it back; after some seconds when its
    /// session does not end.
    /// </returns>
    public abstract Task UnloadAsync();
}
