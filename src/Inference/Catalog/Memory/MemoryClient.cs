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

    /// <summary>Whether callers or runs use the version.</summary>
    public abstract bool IsInUse { get; }

    /// <summary>Whether the version must stay in memory, even if another model needs the room.</summary>
    public abstract bool MustStayLoaded { get; }

    /// <summary>Whether the memory budget may unload the version now.</summary>
    public abstract bool CanUnload { get; }

    /// <summary>Unloads the version.</summary>
    /// <returns>
    /// A task that completes when the memory was released. If the session is still in use, the task is complete at once, because the last
    /// user releases the memory. If the session does not end, the task completes after some seconds.
    /// </returns>
    public abstract Task UnloadAsync();
}
