using System.Diagnostics;

namespace Inference.Tensors;

/// <summary>
/// Counts the memory that the process holds for requests and connections, and refuses requests beyond the limit. Memory counts from its
/// allocation until it is returned to the system. Blocks kept for reuse and arrays that wait for a collection are resident, so they count
/// too. Both kinds are reclaimed before a request is refused.
/// </summary>
public static class RequestMemory
{
    /// <summary>
    /// The largest small allocation in bytes. A body of 64 KB needs no larger array, even while its buffer or its tensor grows.
    /// </summary>
    public const int LargestSmall = 128 << 10;

    /// <summary>
    /// The largest allocation in bytes that is never refused, so that refusals can be written. The number of connections limits the number
    /// of such allocations.
    /// </summary>
    private const int MaxUnlimitedSize = 4 << 10;

    /// <summary>
    /// The limit divided by this number is reserved for small allocations, so that large requests do not block small ones.
    /// </summary>
    private const int SmallReserveDivisor = 8;

    /// <summary>
    /// A collection need not wait for <see cref="MinPause"/> if the garbage is at least the limit divided by this number.
    /// </summary>
    private const int WorthwhileDivisor = 4;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>The minimum time between collections that free little, because each collection stops all threads.</summary>
    private static readonly TimeSpan MinPause = TimeSpan.FromSeconds(5);

    private static readonly Lock Gate = new();

    private static Func<long>? _getIdleBytes;
    private static Func<long>? _trimPool;
    private static long _limit = long.MaxValue;
    private static long _largeLimit = long.MaxValue;

    /// <summary>The number of counted bytes, including garbage and kept blocks.</summary>
    private static long _held;

    /// <summary>The number of bytes that were abandoned since the last <see cref="Reclaim"/>.</summary>
    private static long _garbage;
    private static long _abandoned;
    private static long _refusals;
    private static long _lastReclaimed = Stopwatch.GetTimestamp();

    /// <summary>The maximum number of bytes for all requests together.</summary>
    public static long Limit => Volatile.Read(ref _limit);

    /// <summary>The number of bytes that requests and connections use at the moment, without memory that can be reclaimed.</summary>
    public static long Used => Math.Max(0, Held - Reclaimable);

    /// <summary>The number of bytes that were left to the garbage collector since the process began.</summary>
    public static long Abandoned => Interlocked.Read(ref _abandoned);

    /// <summary>
    /// The number of resident bytes that the process holds for requests and connections, including memory that waits for reuse or a
    /// collection.
    /// </summary>
    public static long Held => Interlocked.Read(ref _held);

    /// <summary>The number of allocations that were refused since the process began.</summary>
    public static long Refusals => Interlocked.Read(ref _refusals);

    /// <summary>The number of counted bytes that <see cref="Reclaim"/> can free.</summary>
    private static long Reclaimable => PooledBytes.Kept + Collectable;

    /// <summary>The number of counted bytes that a collection can free, including the idle memory of the connection pool.</summary>
    private static long Collectable => Interlocked.Read(ref _garbage) + (_getIdleBytes?.Invoke() ?? 0);

    /// <summary>Sets the limit. Call this once, before the first request.</summary>
    public static void SetLimit(long bytes)
    {
        Volatile.Write(ref _limit, bytes);
        Volatile.Write(ref _largeLimit, bytes - (bytes / SmallReserveDivisor));
    }

    /// <summary>Registers the pool of the server's connections, which counts its own memory with <see cref="AddUnchecked"/>.</summary>
    /// <param name="idle">Returns the number of bytes that the pool keeps for reuse.</param>
    /// <param name="trim">Leaves the kept memory to the garbage collector and returns its size in bytes.</param>
    public static void RegisterConnectionPool(Func<long> idle, Func<long> trim) => (_getIdleBytes, _trimPool) = (idle, trim);

    /// <summary>Counts memory that a request is about to use.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.Overloaded"/>: the memory is not free at the moment. <see cref="InferenceError.InvalidRequest"/>: the
    /// memory exceeds the limit.
    /// </exception>
    public static void Charge(int bytes) => Charge(bytes, bytes);

    /// <summary>Counts the bytes by which a part of a request is about to grow.</summary>
    /// <param name="bytes">The number of additional bytes.</param>
    /// <param name="total">The number of bytes of the part after its growth. This number decides whether the part is small.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.Overloaded"/>: the memory is not free at the moment. <see cref="InferenceError.InvalidRequest"/>: the
    /// memory exceeds the limit.
    /// </exception>
    public static void Charge(int bytes, int total)
    {
        var limit = GetLimit(total);
        if (Interlocked.Add(ref _held, bytes) > limit)
            ChargeAfterMakingRoom(bytes, total, limit);
    }

    /// <summary>
    /// Throws when the memory is used up. Call this before a request reads more into memory that is counted with
    /// <see cref="AddUnchecked"/>.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.Overloaded"/>: the memory is used up.</exception>
    /// <param name="bytes">The current size of the request. Small requests are refused later than large requests.</param>
    public static void ThrowIfFull(long bytes)
    {
        var limit = GetLimit(bytes);
        if (Held > limit && !TryMakeRoom(0, limit))
            throw CreateExhaustedError();
    }

    /// <summary>Counts memory whose owner limits its size, so the limit is not checked here.</summary>
    public static void AddUnchecked(long bytes) => Interlocked.Add(ref _held, bytes);

    /// <summary>Stops counting memory that its user has freed, or has returned to the shared array pool.</summary>
    public static void Release(long bytes) => Interlocked.Add(ref _held, -bytes);

    /// <summary>Leaves counted memory to the garbage collector. The memory counts until the next <see cref="Reclaim"/>.</summary>
    public static void Abandon(long bytes)
    {
        Interlocked.Add(ref _garbage, bytes);
        Interlocked.Add(ref _abandoned, bytes);
    }

    /// <summary>
    /// Frees the kept memory and collects all abandoned memory. The collection compacts the heap, because only a compacting collection
    /// returns memory to the system at once. Otherwise the freed memory would stay resident in addition to the next allocations.
    /// </summary>
    public static void Reclaim()
    {
        lock (Gate)
        {
            PooledBytes.Trim();
            var garbage = Interlocked.Exchange(ref _garbage, 0) + (_trimPool?.Invoke() ?? 0);
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Release(garbage);
            _lastReclaimed = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Creates the error for a request for which no memory is left, and counts the refusal.</summary>
    public static InferenceException CreateExhaustedError(Exception? cause = null)
    {
        Interlocked.Increment(ref _refusals);
        return new InferenceException(
            InferenceError.Overloaded,
            "There is not enough memory for the request at the moment. Try again later, or send fewer items at once.",
            cause)
        {
            RetryAfter = RetryAfter,
            Reason = ErrorReason.OutOfMemory,
        };
    }

    /// <summary>Returns the limit that holds for an allocation of this size.</summary>
    private static long GetLimit(long bytes) =>
        bytes <= MaxUnlimitedSize ? long.MaxValue : Volatile.Read(ref bytes <= LargestSmall ? ref _limit : ref _largeLimit);

    private static void ChargeAfterMakingRoom(int bytes, int total, long limit)
    {
        Release(bytes);
        if (total > limit)
        {
            throw InferenceException.InvalidRequest(
                $"The request needs {total} bytes at once, and Http__MemoryBudget has {limit} bytes for large requests. Send fewer or "
                + "smaller items at once.",
                ErrorReason.RequestTooLarge);
        }

        if (!TryMakeRoom(bytes, limit))
            throw CreateExhaustedError();
    }

    /// <summary>
    /// Counts the bytes if they fit. Otherwise frees the kept memory, collects garbage if a collection can make enough room, and retries.
    /// One thread at a time makes room. Other threads wait, and then retry.
    /// </summary>
    private static bool TryMakeRoom(int bytes, long limit)
    {
        lock (Gate)
        {
            if (TryAdd(bytes, limit))
                return true;
            PooledBytes.Trim();
            if (TryAdd(bytes, limit))
                return true;
            var collectable = Collectable;
            if (Held - collectable + bytes > limit
                || (collectable < limit / WorthwhileDivisor && Stopwatch.GetElapsedTime(_lastReclaimed) < MinPause))
            {
                return false;
            }

            Reclaim();
            return TryAdd(bytes, limit);
        }
    }

    /// <summary>Counts the bytes, unless the limit would be exceeded.</summary>
    private static bool TryAdd(int bytes, long limit)
    {
        if (Interlocked.Add(ref _held, bytes) <= limit)
            return true;
        Release(bytes);
        return false;
    }
}
