namespace Inference.Catalog.Memory;

/// <summary>
/// Collects the garbage of unloaded models. One unloaded model leaves too little garbage to start a collection soon. With frequent loads
/// and unloads, memory would grow to the size of the youngest generation. That size depends on the processor's cache and can be tens of
/// megabytes.
/// </summary>
internal static class GarbageCollection
{
    /// <summary>The minimum number of bytes that is worth a collection.</summary>
    private const long MinAllocatedBytes = 1 << 20;

    /// <summary>The number of bytes that the process had allocated before the last collection.</summary>
    private static long _lastAllocated;

    /// <summary>Starts a collection in the background, if enough was allocated since the last collection.</summary>
    public static void StartIfWorthwhile()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var before = Volatile.Read(ref _lastAllocated);
        if (allocated - before >= MinAllocatedBytes && Interlocked.CompareExchange(ref _lastAllocated, allocated, before) == before)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
    }
}
