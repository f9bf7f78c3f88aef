using System.Buffers;
using System.Collections.Concurrent;
using System.Numerics;

namespace Inference.Tensors;

/// <summary>
/// The memory of tensors and bodies, which <see cref="RequestMemory"/> counts and limits. Memory of up to 16 KiB comes from the shared
/// array pool. Larger memory is a block outside the garbage collector's heap. Blocks of up to a few megabytes are kept here until
/// <see cref="Trim"/>, and larger blocks are freed after use. Each size has a limit for kept blocks.
/// </summary>
public static class PooledBytes
{
    /// <summary>
    /// The size of the largest kept block in bytes. For a larger block, an allocation is cheap compared with the work on its contents.
    /// </summary>
    public const int LargestPooled = 1 << LargestBits;

    /// <summary>The binary logarithm of the largest size in bytes that comes from the shared array pool.</summary>
    private const int SharedBits = 14;
    private const int LargestBits = 23;

    /// <summary>For each block size, the limit for kept blocks is at least this many bytes.</summary>
    private const int MinKeptBytes = 4 << 20;

    /// <summary>
    /// The kept blocks: one queue for each block size. The sizes are the powers of two above the shared pool's largest size, up to
    /// <see cref="LargestPooled"/>.
    /// </summary>
    private static readonly ConcurrentQueue<NativeBytes>[] Queues = [.. Enumerable.Range(0, LargestBits - SharedBits)
        .Select(_ => new ConcurrentQueue<NativeBytes>())];

    /// <summary>For each block size, the limit for kept blocks is at least this number of blocks.</summary>
    private static readonly int MinKeptBlocks = 2 * Environment.ProcessorCount;

    private static long _freed;
    private static long _kept;

    /// <summary>
    /// The number of bytes of the blocks that were freed instead of kept since the process began. Requests with such large blocks also
    /// leave garbage in the collector's heap.
    /// </summary>
    public static long Freed => Interlocked.Read(ref _freed);

    /// <summary>The number of bytes of the blocks that are kept for reuse.</summary>
    public static long Kept => Interlocked.Read(ref _kept);

    /// <summary>Rents memory of at least this length in bytes, with undefined contents.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.Overloaded"/>: no memory is free at the moment. <see cref="InferenceError.InvalidRequest"/>: the length
    /// exceeds the memory for all requests.
    /// </exception>
    public static RentedBytes Rent(int length)
    {
        if (length <= 1 << SharedBits)
        {
            var array = ArrayPool<byte>.Shared.Rent(length);
            RequestMemory.Charge(array.Length);
            return new RentedBytes(array);
        }

        var size = GetBlockSize(length);
        if (size > LargestPooled)
            return new RentedBytes(Allocate(size));
        if (!GetQueue(size).TryDequeue(out var kept))
            return new RentedBytes(Allocate(size));
        Interlocked.Add(ref _kept, -size);
        kept.Rent();
        return new RentedBytes(kept);
    }

    /// <summary>
    /// Replaces rented memory with a larger block with the same first bytes. If this method throws, <paramref name="memory"/> is still
    /// rented.
    /// </summary>
    /// <param name="used">The number of bytes to keep. The other bytes of the result have undefined contents.</param>
    /// <param name="length">The minimum length of the result, in bytes.</param>
    /// <exception cref="InferenceException">The same as for <see cref="Rent"/>.</exception>
    public static RentedBytes Grow(RentedBytes memory, int used, int length)
    {
        // Memory that grows is expected to grow again, so its length doubles to avoid copies. Blocks above the largest pooled size grow
        // without a copy, so a quarter is enough and wastes less memory.
        var step = memory.Length <= LargestPooled ? memory.Length : memory.Length / 4;
        var size = (int)Math.Min(Array.MaxLength, Math.Max(length, (long)memory.Length + step));
        // Up to the largest pooled size, a block from the pool is cheaper than new pages. Larger blocks are extended in place.
        if (size > LargestPooled && memory.Owner is NativeBytes block && TryExtend(block, size))
            return memory;
        var larger = Rent(size);
        memory.Span[..used].CopyTo(larger.Span);
        Return(memory);
        return larger;
    }

    /// <summary>Returns rented memory to its pool, or frees it.</summary>
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
            if (block.Length <= LargestPooled && GetQueue(block.Length) is var queue
                && queue.Count < Math.Max(MinKeptBlocks, MinKeptBytes / block.Length))
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

    /// <summary>Frees the kept blocks.</summary>
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

    private static int GetBlockSize(int length) => length > LargestPooled ? length : (int)BitOperations.RoundUpToPowerOf2((uint)length);

    private static bool TryExtend(NativeBytes block, int size)
    {
        var additional = size - block.Length;
        RequestMemory.Charge(additional, size);
        if (block.TryExtend(size))
            return true;
        RequestMemory.Release(additional);
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
            throw RequestMemory.CreateExhaustedError(e);
        }
    }

    private static void Free(NativeBytes block)
    {
        block.Free();
        RequestMemory.Release(block.Length);
    }

    private static ConcurrentQueue<NativeBytes> GetQueue(int size) => Queues[BitOperations.Log2((uint)size) - SharedBits - 1];
}
