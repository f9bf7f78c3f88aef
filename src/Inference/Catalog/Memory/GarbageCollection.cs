namespace Inference.Catalog.Memory;

/// <summary>
/// Collects the garbage of unloaded models. One unloaded model leaves too little garbage to start a collection soon. With frequent loads
/// and unloads, memory would grow to the size of the youngest generation. That size depends on the processor's cache: tens of megabytes.
/// </summary>
internal static class GarbageCollection
{
    /// <summary>The minimum number of bytes that is worth a collection.</summary>
    private const long MinAllocatedBytes = 1 << 20;

    private static long _allocated;

    /// <summary>Starts a collection in the background, if enough was allocated since the last collection.</summary>
    public static void StartIfWorthwhile()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var before = Volatile.Read(ref _allocated);
        if (allocated - before >= MinAllocatedBytes && Interlocked.CompareExchange(ref _allocated, allocated, before) == before)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
    }
}
