namespace Inference.Catalog.Memory;

/// <summary>
/// The part of the <see cref="MemoryBudget"/> that a model uses. The budget's lock guards all of it; disposing releases it.
/// </summary>
internal sealed class ModelMemory(MemoryBudget budget, MemoryClient client) : IDisposable
{
    private const double Megabyte = 1 << 20;

    public MemoryClient Client { get; } = client;

    /// <summary>The memory of the model in bytes: estimated while it loads, measured afterwards.</summary>
    public long Bytes { get; set; }

    /// <summary>The additional bytes that the load uses until it has ended.</summary>
    public long Extra { get; set; }

    /// <summary>The time stamp at which the load began.</summary>
    public long Started { get; set; }

    public double LoadSeconds { get; set; }

    public bool IsLoaded { get; set; }

    /// <summary>Whether the model was chosen to be unloaded. It may still be in use for a moment.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Whether it is unknown when the memory is released, because a cancelled load does not end.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>The budget's clock at the last use.</summary>
    public double Clock { get; set; }

    public int Number { get; init; }

    public bool WasAlone { get; init; }

    public long ProcessMemoryBefore { get; init; }

    public double Value => Clock + (Client.Uses * LoadSeconds / (Bytes / Megabyte));

    /// <summary>Records a use. Every prediction calls this, so it takes no lock: a use lost in a race is harmless.</summary>
    public void RecordUse()
    {
        // The clock moves only when a model is unloaded. Writing it on every use would evict the field from other processors' caches.
        if (Clock != budget.Clock)
            Clock = budget.Clock;
    }

    /// <summary>Orders models for unloading: those without a current user come first.</summary>
    public int CompareTo(ModelMemory other)
    {
        var inUse = Client.IsInUse.CompareTo(other.Client.IsInUse);
        return inUse != 0 ? inUse : Value.CompareTo(other.Value);
    }

    /// <summary>Reports that the load was cancelled and does not end. No caller waits for the memory any more.</summary>
    public void Abandon() => budget.Abandon(this);

    public void Dispose() => budget.Remove(this);
}
