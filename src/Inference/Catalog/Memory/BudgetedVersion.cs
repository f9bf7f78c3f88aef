using Inference.Diagnostics;
using Inference.Models;

namespace Inference.Catalog.Memory;

/// <summary>A model version that uses memory, as the <see cref="MemoryBudget"/> sees it.</summary>
internal abstract class BudgetedVersion
{
    public abstract ModelId Id { get; }

    public abstract ModelTags Tags { get; }

    /// <summary>The number of leases that were granted so far, even if the session was unloaded since.</summary>
    public abstract long Uses { get; }

    /// <summary>Whether a lease or a run in progress uses the loaded version.</summary>
    public abstract bool IsInUse { get; }

    /// <summary>Whether the version must stay in memory, even if another model needs the room.</summary>
    public abstract bool MustStayLoaded { get; }

    /// <summary>Whether the memory budget may unload the version now.</summary>
    public abstract bool CanUnload { get; }

    /// <returns>
    /// A task that completes when the memory was released. While the session is in use, the task is complete at once, because the last user
    /// releases the memory. If the disposal of the session takes too long, the task completes after some seconds.
    /// </returns>
    public abstract Task UnloadAsync();
}
