using System.Buffers;
using System.Collections.Concurrent;
using System.Numerics;

namespace Inference.Tensors;

/// <summary>
/// Arrays for tensors and bodies, which <see cref="RequestMemory"/> counts and limits. The shared pool keeps an unknown number of arrays for half a
/// minute or more after their last use, so it gets only small ones. Those of up to a few megabytes are kept here until <see cref="Trim"/>, and
/// larger ones are left to the collector.
/// </summary>
public static class PooledBytes
{
    /// <summary>Bytes of the largest array that is pooled. Beyond it, new memory costs little beside the work on what fills it.</summary>
    public const int LargestPooled = 1 << LargestBits;

    private const int SharedBits = 14;
    private const int LargestBits = 23;

    /// <summary>Bytes of one size that are kept at least, if its arrays are smaller.</summary>
    private const int LeastKept = 4 << 20;

    /// <summary>For each power of two above the shared pool's, up to the largest.</summary>
    private static readonly ConcurrentQueue<byte[]>[] Queues = [.. Enumerable.Range(0, LargestBits - SharedBits).Select(_ => new ConcurrentQueue<byte[]>())];

    private static readonly int MaxLarge = 2 * Environment.ProcessorCount;

    private static long _abandoned;
    private static long _kept;

    /// <summary>Bytes of all arrays that were left to the collector since the process began, without those that <see cref="Trim"/> dropped.</summary>
    public static long Abandoned => Interlocked.Read(ref _abandoned);

    /// <summary>Bytes of the arrays that are kept for their next use.</summary>
    public static long Kept => Interlocked.Read(ref _kept);

    /// <summary>An array of at least this length, with undefined contents.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.Overloaded"/>: there is no memory for it at the moment; <see cref="InferenceError.InvalidRequest"/>: it is larger
    /// than requests may have together.
    /// </exception>
    public static byte[] Rent(int length)
    {
        if (length <= 1 << SharedBits)
        {
            var array = ArrayPool<byte>.Shared.Rent(length);
            RequestMemory.Charge(array.Length);
            return array;
        }

        if (length > LargestPooled)
            return Allocate(length);
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)length);
        if (!QueueOf(size).TryDequeue(out var kept))
            return Allocate(size);
        Interlocked.Add(ref _kept, -size);
        return kept;
    }

    /// <summary>Ends the use of an array that was rented here.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length <= 1 << SharedBits)
        {
            RequestMemory.Release(array.Length);
            ArrayPool<byte>.Shared.Return(array);
        }
        else if (array.Length <= LargestPooled && QueueOf(array.Length) is { } queue && queue.Count < Math.Max(MaxLarge, LeastKept / array.Length))
        {
            Interlocked.Add(ref _kept, array.Length);
            queue.Enqueue(array);
        }
        else
        {
            Interlocked.Add(ref _abandoned, array.Length);
            RequestMemory.Abandon(array.Length);
        }
    }

    /// <summary>Leaves the arrays that are kept here to the collector.</summary>
    internal static void Trim()
    {
        foreach (var queue in Queues)
        {
            while (queue.TryDequeue(out var array))
            {
                Interlocked.Add(ref _kept, -array.Length);
                RequestMemory.Abandon(array.Length);
            }
        }
    }

    private static byte[] Allocate(int size)
    {
        RequestMemory.Charge(size);
        try
        {
            return GC.AllocateUninitializedArray<byte>(size);
        }
        catch (OutOfMemoryException e)
        {
            RequestMemory.Release(size);
            throw RequestMemory.Refuse(e);
        }
    }

    private static ConcurrentQueue<byte[]> QueueOf(int size) => Queues[BitOperations.Log2((uint)size) - SharedBits - 1];
}
