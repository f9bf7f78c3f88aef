using System.Diagnostics;

namespace Inference.Tensors;

/// <summary>
/// Counts the memory that callers make the process hold, and refuses a request that would take more than the limit. Memory counts from its
/// allocation until the system has it back: blocks that are kept for reuse and arrays that wait for a collection are resident, so they
/// count too, and are reclaimed before anything is refused.
/// </summary>
public static class RequestMemory
{
    /// <summary>Bytes. A body of 64 KB needs no larger array, also while its buffer or its tensor grows.</summary>
    public const int LargestSmall = 128 << 10;

    /// <summary>Bytes. A refusal has to be written, too, and the connections limit how many arrays of this size there are.</summary>
    private const int LargestUnrefused = 4 << 10;

    /// <summary>One part of so many is kept for small arrays, so that large requests do not keep small ones out.</summary>
    private const int SharePart = 8;

    /// <summary>One part of so many is worth a collection at once.</summary>
    private const int WorthwhilePart = 4;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>Between collections that free little, because each one stops all threads.</summary>
    private static readonly TimeSpan LeastPause = TimeSpan.FromSeconds(5);

    private static readonly Lock Gate = new();

    private static Func<long>? _idle;
    private static Func<long>? _trim;
    private static long _limit = long.MaxValue;
    private static long _largeLimit = long.MaxValue;
    private static long _held;
    private static long _garbage;
    private static long _abandoned;
    private static long _refusals;
    private static long _lastReclaimed = Stopwatch.GetTimestamp();

    /// <summary>Bytes that requests may take together.</summary>
    public static long Limit => Volatile.Read(ref _limit);

    /// <summary>Bytes that requests use at the moment, and those of the server's connections.</summary>
    public static long Used => Math.Max(0, Held - Reclaimable);

    /// <summary>Bytes that were left to the collector since the process began.</summary>
    public static long Abandoned => Interlocked.Read(ref _abandoned);

    /// <summary>
    /// Bytes that are resident because of requests, those of memory that waits for its next use or for a collection included.
    /// </summary>
    public static long Held => Interlocked.Read(ref _held);

    /// <summary>Allocations that were refused since the process began.</summary>
    public static long Refusals => Interlocked.Read(ref _refusals);

    private static long Reclaimable => PooledBytes.Kept + Collectable;

    private static long Collectable => Interlocked.Read(ref _garbage) + (_idle?.Invoke() ?? 0);

    /// <summary>Sets the limit. Call this once, before the first request.</summary>
    public static void SetLimit(long bytes)
    {
        Volatile.Write(ref _limit, bytes);
        Volatile.Write(ref _largeLimit, bytes - (bytes / SharePart));
    }

    /// <summary>Registers the pool of the server's connections, which counts its own memory by <see cref="Add"/>.</summary>
    /// <param name="idle">Returns the bytes that the pool keeps for their next use.</param>
    /// <param name="trim">Leaves them to the collector, and returns their number.</param>
    public static void Register(Func<long> idle, Func<long> trim) => (_idle, _trim) = (idle, trim);

    /// <summary>Counts memory that a request is about to take.</summary>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.Overloaded"/>: it does not fit at the moment; <see cref="InferenceError.InvalidRequest"/>: it never fits.
    /// </exception>
    public static void Charge(int bytes) => Charge(bytes, bytes);

    /// <summary>Counts memory by which a part of a request is about to grow.</summary>
    /// <param name="bytes">The bytes that are added.</param>
    /// <param name="total">The bytes of the part with them, which decide whether it is small.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.Overloaded"/>: it does not fit at the moment; <see cref="InferenceError.InvalidRequest"/>: it never fits.
    /// </exception>
    public static void Charge(int bytes, int total)
    {
        var limit = LimitFor(total);
        if (Interlocked.Add(ref _held, bytes) > limit)
            ChargeSlowly(bytes, total, limit);
    }

    /// <summary>
    /// Refuses large requests as a charge does. Call this before more is read into memory that is counted by <see cref="Add"/>.
    /// </summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.Overloaded"/></exception>
    /// <param name="bytes">The size that the request has already: a small one is refused later than a large one.</param>
    public static void ThrowIfFull(long bytes)
    {
        var limit = LimitFor(bytes);
        if (Held > limit && !TryMakeRoom(0, limit))
            throw Refuse();
    }

    /// <summary>Counts memory that is taken without asking, and is limited by its owner.</summary>
    public static void Add(long bytes) => Interlocked.Add(ref _held, bytes);

    /// <summary>Ends the count of memory that is reusable now.</summary>
    public static void Release(long bytes) => Interlocked.Add(ref _held, -bytes);

    /// <summary>Leaves counted memory to the collector: it counts until the next <see cref="Reclaim"/>.</summary>
    public static void Abandon(long bytes)
    {
        Interlocked.Add(ref _garbage, bytes);
        Interlocked.Add(ref _abandoned, bytes);
    }

    /// <summary>
    /// Frees the memory that is kept, and collects all that was abandoned. The collection compacts, because only this mode returns memory
    /// to the system at once: otherwise it stays resident beside the next allocations.
    /// </summary>
    public static void Reclaim()
    {
        lock (Gate)
        {
            PooledBytes.Trim();
            var garbage = Interlocked.Exchange(ref _garbage, 0) + (_trim?.Invoke() ?? 0);
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Release(garbage);
            _lastReclaimed = Stopwatch.GetTimestamp();
        }
    }

    /// <summary>Refuses a request because there is no memory for it.</summary>
    public static InferenceException Refuse(Exception? cause = null)
    {
        Interlocked.Increment(ref _refusals);
        return new InferenceException(
            InferenceError.Overloaded,
            "There is no memory for the request at the moment: try again later, or send fewer items at once.",
            cause)
        {
            RetryAfter = RetryAfter,
            Reason = ErrorReason.OutOfMemory,
        };
    }

    private static long LimitFor(long bytes) =>
        bytes <= LargestUnrefused ? long.MaxValue : Volatile.Read(ref bytes <= LargestSmall ? ref _limit : ref _largeLimit);

    private static void ChargeSlowly(int bytes, int total, long limit)
    {
        Release(bytes);
        if (total > limit)
        {
            throw InferenceException.InvalidRequest(
                $"The request needs {total} bytes at once, and {limit} of Http__MemoryBudget are for large requests: send fewer or smaller "
                + "items at once.",
                ErrorReason.RequestTooLarge);
        }

        if (!TryMakeRoom(bytes, limit))
            throw Refuse();
    }

    /// <summary>
    /// Counts the bytes if they fit, perhaps after the kept memory was freed, and after a collection. One thread does so; the others wait,
    /// and look again.
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
                || (collectable < limit / WorthwhilePart && Stopwatch.GetElapsedTime(_lastReclaimed) < LeastPause))
            {
                return false;
            }

            Reclaim();
            return TryAdd(bytes, limit);
        }
    }

    private static bool TryAdd(int bytes, long limit)
    {
        if (Interlocked.Add(ref _held, bytes) <= limit)
            return true;
        Release(bytes);
        return false;
    }
}
