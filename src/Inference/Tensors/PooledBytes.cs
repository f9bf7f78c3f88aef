using System.Buffers;
using System.Collections.Concurrent;
using System.Numerics;

namespace Inference.Tensors;

/// <summary>
/// Arrays for tensors and bodies. The shared pool would keep an array for half a minute or more after its last use, and until a collection that
/// an idle process never starts. So it gets only small ones, those of a few megabytes are kept here until <see cref="Trim"/>, and larger ones are
/// left to the collector.
/// </summary>
public static class PooledBytes
{
    /// <summary>Bytes of the largest array that is pooled. Beyond it, new memory costs little beside the work on what fills it.</summary>
    public const int LargestPooled = 1 << LargestBits;

    private const int SharedBits = 20;
    private const int LargestBits = 23;

    /// <summary>For each power of two above the shared pool's, up to the largest.</summary>
    private static readonly ConcurrentQueue<byte[]>[] Kept = [.. Enumerable.Range(0, LargestBits - SharedBits).Select(_ => new ConcurrentQueue<byte[]>())];

    private static readonly int MaxKept = 2 * Environment.ProcessorCount;

    private static long _abandoned;

    /// <summary>Bytes of all arrays that were left to the collector since the process began, without those that <see cref="Trim"/> dropped.</summary>
    public static long Abandoned => Interlocked.Read(ref _abandoned);

    /// <summary>An array of at least this length, with undefined contents.</summary>
    public static byte[] Rent(int length)
    {
        if (length <= 1 << SharedBits)
            return ArrayPool<byte>.Shared.Rent(length);
        if (length > LargestPooled)
            return GC.AllocateUninitializedArray<byte>(length);
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)length);
        return QueueOf(size).TryDequeue(out var kept) ? kept : GC.AllocateUninitializedArray<byte>(size);
    }

    /// <summary>Ends the use of an array, which is rented here or of the shared pool.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length <= 1 << SharedBits)
            ArrayPool<byte>.Shared.Return(array);
        else if (array.Length > LargestPooled)
            Interlocked.Add(ref _abandoned, array.Length);
        else if (BitOperations.IsPow2(array.Length) && QueueOf(array.Length) is { } queue && queue.Count < MaxKept)
            queue.Enqueue(array);
    }

    /// <summary>Leaves the arrays that are kept here to the collector.</summary>
    public static void Trim()
    {
        foreach (var queue in Kept)
            queue.Clear();
    }

    private static ConcurrentQueue<byte[]> QueueOf(int size) => Kept[BitOperations.Log2((uint)size) - SharedBits - 1];
}
