using System.Buffers;
using System.Collections.Concurrent;
using System.Numerics;

namespace Inference.Tensors;

/// <summary>
/// Memory for tensors and bodies, which <see cref="RequestMemory"/> counts and limits. Small memory comes from the shared pool of arrays.
/// Larger memory lies outside the collector's heap: blocks of up to a few megabytes are kept here until <see cref="Trim"/>, and larger ones
/// are freed at the end of their use.
/// </summary>
public static class PooledBytes
{
    /// <summary>Bytes of the largest block that is kept. Beyond it, new memory costs little beside the work on its contents.</summary>
    public const int LargestPooled = 1 << LargestBits;

    private const int SharedBits = 14;
    private const int LargestBits = 23;

    /// <summary>Bytes of one size that are kept at least, if its blocks are smaller.</summary>
    private const int LeastKept = 4 << 20;

    /// <summary>For each power of two above the shared pool's, up to the largest.</summary>
    private static readonly ConcurrentQueue<NativeBytes>[] Queues = [.. Enumerable.Range(0, LargestBits - SharedBits)
        .Select(_ => new ConcurrentQueue<NativeBytes>())];

    private static readonly int MaxLarge = 2 * Environment.ProcessorCount;

    private static long _freed;
    private static long _kept;

    /// <summary>
    /// Bytes of blocks too large to be kept whose use ended since the process began. Work on that much leaves garbage of other kinds, too.
    /// </summary>
    public static long Freed => Interlocked.Read(ref _freed);

    /// <summary>Bytes of the blocks that are kept for their next use.</summary>
    public static long Kept => Interlocked.Read(ref _kept);

    /// <summary>Rents memory of at least this length in bytes, with undefined contents.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.Overloaded"/>: there is no memory for it at the moment; <see cref="InferenceError.InvalidRequest"/>: it is
    /// larger than requests may have together.
    /// </exception>
    public static RentedBytes Rent(int length)
    {
        if (length <= 1 << SharedBits)
        {
            var array = ArrayPool<byte>.Shared.Rent(length);
            RequestMemory.Charge(array.Length);
            return new RentedBytes(array);
        }

        var size = SizeFor(length);
        if (size > LargestPooled)
            return new RentedBytes(Allocate(size));
        if (!QueueOf(size).TryDequeue(out var kept))
            return new RentedBytes(Allocate(size));
        Interlocked.Add(ref _kept, -size);
        kept.Rent();
        return new RentedBytes(kept);
    }

    /// <summary>
    /// Exchanges rented memory for more, with the same first bytes. When this throws, <paramref name="memory"/> is still rented.
    /// </summary>
    /// <param name="used">The bytes that are kept; the others have undefined contents.</param>
    /// <param name="length">The least length of the result, in bytes.</param>
    /// <exception cref="InferenceException">As <see cref="Rent"/> throws it.</exception>
    public static RentedBytes Grow(RentedBytes memory, int used, int length)
    {
        // What grows is expected to grow again. The largest blocks are moved without a copy, so that small steps waste less.
        var step = memory.Length <= LargestPooled ? memory.Length : memory.Length / 4;
        var size = (int)Math.Min(Array.MaxLength, Math.Max(length, (long)memory.Length + step));
        // Up to the largest size that is kept, a block that was used before is cheaper than new pages.
        if (size > LargestPooled && memory.Owner is NativeBytes block && TryExtend(block, size))
            return memory;
        var larger = Rent(size);
        memory.Span[..used].CopyTo(larger.Span);
        Return(memory);
        return larger;
    }

    /// <summary>Ends the use of memory that was rented here.</summary>
    public static void Return(RentedBytes memory)
    {
        if (memory.Owner is byte[] array)
        {
            RequestMemory.Release(array.Length);
            ArrayPool<byte>.Shared.Return(array);
        }
        else if (memory.Owner is NativeBytes block)
        {
            block.EndRent();
            if (block.Length <= LargestPooled && QueueOf(block.Length) is var queue
                && queue.Count < Math.Max(MaxLarge, LeastKept / block.Length))
            {
                Interlocked.Add(ref _kept, block.Length);
                queue.Enqueue(block);
            }
            else
            {
                Interlocked.Add(ref _freed, block.Length);
                Free(block);
            }
        }
    }

    /// <summary>Frees the blocks that are kept here.</summary>
    internal static void Trim()
    {
        foreach (var queue in Queues)
        {
            while (queue.TryDequeue(out var block))
            {
                Interlocked.Add(ref _kept, -block.Length);
                Free(block);
            }
        }
    }

    private static int SizeFor(int length) => length > LargestPooled ? length : (int)BitOperations.RoundUpToPowerOf2((uint)length);

    private static bool TryExtend(NativeBytes block, int size)
    {
        var more = size - block.Length;
        RequestMemory.Charge(more, size);
        if (block.TryExtend(size))
            return true;
        RequestMemory.Release(more);
        return false;
    }

    private static NativeBytes Allocate(int size)
    {
        RequestMemory.Charge(size);
        try
        {
            return NativeBytes.Allocate(size);
        }
        catch (OutOfMemoryException e)
        {
            RequestMemory.Release(size);
            throw RequestMemory.Refuse(e);
        }
    }

    private static void Free(NativeBytes block)
    {
        block.Free();
        RequestMemory.Release(block.Length);
    }

    private static ConcurrentQueue<NativeBytes> QueueOf(int size) => Queues[BitOperations.Log2((uint)size) - SharedBits - 1];
}
