namespace Inference.Catalog.Memory;

/// <summary>A loaded model's place in the <see cref="MemoryBudget"/>, which guards all of it; disposing gives it back.</summary>
internal sealed class ModelMemory(MemoryBudget budget, MemoryClient client) : IDisposable
{
    private const double Megabyte = 1 << 20;

    public MemoryClient Client { get; } = client;

    /// <summary>Estimated while it loads, measured afterwards.</summary>
    public long Bytes { get; set; }

    /// <summary>Bytes that the load takes beyond those until it has ended.</summary>
    public long Extra { get; set; }

    /// <summary>The time stamp at which the load began.</summary>
    public long Started { get; set; }

    public double LoadSeconds { get; set; }

    public bool IsLoaded { get; set; }

    /// <summary>Chosen to go, and perhaps in use for a moment more.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Whether nobody knows when it is given back, because a load that was cancelled does not end.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>The budget's clock at the last use.</summary>
    public double Clock { get; set; }

    public int Number { get; init; }

    public bool WasAlone { get; init; }

    public long ProcessMemoryBefore { get; init; }

    public double Value => Clock + (Client.Uses * LoadSeconds / (Bytes / Megabyte));

    /// <summary>On every prediction, so without a lock: a use lost in a race changes nothing that matters.</summary>
    public void Used()
    {
        // It moves only when a model has to go; to write it all the same would take the memory out of the other processors' caches.
        if (Clock != budget.Clock)
            Clock = budget.Clock;
    }

    /// <summary>Memory without a current user goes first.</summary>
    public int CompareTo(ModelMemory other)
    {
        var inUse = Client.IsInUse.CompareTo(other.Client.IsInUse);
        return inUse != 0 ? inUse : Value.CompareTo(other.Value);
    }

    /// <summary>Reports that the load was cancelled and does not end. Nobody waits for the memory any more.</summary>
    public void Abandon() => budget.Abandon(this);

    public void Dispose() => budget.Remove(this);
}
