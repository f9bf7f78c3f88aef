namespace Inference.Catalog.Memory;

/// <summary>
/// The memory of one model within the <see cref="MemoryBudget"/>. The budget's lock guards the state, except in <see cref="RecordUse"/>.
/// Disposing releases the memory.
/// </summary>
internal sealed class ModelMemory(MemoryBudget budget, BudgetedVersion version) : IDisposable
{
    private const double Megabyte = 1 << 20;

    /// <summary>
    /// The minimum size in bytes from which the value of a model is computed. A model without bytes would have an infinite value, which the
    /// budget's clock would keep after the model is unloaded.
    /// </summary>
    private const long MinBytes = 1;

    public BudgetedVersion Version { get; } = version;

    /// <summary>The memory of the model in bytes: estimated while it loads, measured afterwards.</summary>
    public long Bytes { get; set; }

    /// <summary>The number of additional bytes that the load uses until it has ended.</summary>
    public long ExtraLoadBytes { get; set; }

    /// <summary>The timestamp at which the load began.</summary>
    public long StartTimestamp { get; set; }

    public double LoadSeconds { get; set; }

    public bool IsLoaded { get; set; }

    /// <summary>Whether the model was chosen to be unloaded. The model may still be in use for a moment.</summary>
    public bool IsUnloading { get; set; }

    /// <summary>Whether it is unknown when the memory is released, because a cancelled load does not end.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>The budget's clock at the last use.</summary>
    public double LastUseClock { get; set; }

    /// <summary>The budget's count of loads and reservations when the load began.</summary>
    public int LoadNumber { get; init; }

    /// <summary>Whether no other load or reservation was in progress when the load began.</summary>
    public bool WasAlone { get; init; }

    /// <summary>The number of resident bytes of the process when the load began.</summary>
    public long ProcessMemoryBefore { get; init; }

    /// <summary>The value of keeping the model loaded. The model with the lowest value is unloaded first.</summary>
    public double Value => LastUseClock + (Version.Uses * LoadSeconds / (Math.Max(Bytes, MinBytes) / Megabyte));

    /// <summary>Records a use. Every prediction calls this method, so the method takes no lock. A use lost in a race is harmless.</summary>
    public void RecordUse()
    {
        // The clock changes only when a model is unloaded. A write on every use would remove the field from the other processors' caches.
        if (LastUseClock != budget.Clock)
            LastUseClock = budget.Clock;
    }

    /// <summary>Orders models for unloading. Models without a current user are first.</summary>
    public int CompareTo(ModelMemory other)
    {
        var inUse = Version.IsInUse.CompareTo(other.Version.IsInUse);
        return inUse != 0 ? inUse : Value.CompareTo(other.Value);
    }

    /// <summary>Reports that the load was cancelled and does not end. No caller waits for the memory any more.</summary>
    public void Abandon() => budget.Abandon(this);

    public void Dispose() => budget.Remove(this);
}
