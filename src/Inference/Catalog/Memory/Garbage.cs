namespace Inference.Catalog.Memory;

/// <summary>
/// What an unloaded model leaves to the collector is too little to start a collection soon: with models that come and go, memory would grow
/// to what the processor's cache suggests as the youngest generation's size, tens of megabytes.
/// </summary>
internal static class Garbage
{
    /// <summary>Bytes; less is not worth a collection.</summary>
    private const long Worthwhile = 1 << 20;

    private static long _allocated;

    /// <summary>Collects without holding anyone up, if enough was allocated since the last time.</summary>
    public static void Collect()
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var before = Volatile.Read(ref _allocated);
        if (allocated - before >= Worthwhile && Interlocked.CompareExchange(ref _allocated, allocated, before) == before)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
    }
}
