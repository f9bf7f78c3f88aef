using System.Buffers;

namespace Inference.Tensors;

/// <summary>
/// Arrays for tensors and bodies. Larger ones are left to the collector: the shared pool would keep each of them for half a minute or more
/// after its last use, and until a collection that an idle process never starts.
/// </summary>
public static class PooledBytes
{
    /// <summary>Bytes of the largest array that is pooled. Beyond it, new memory costs little beside the work on what fills it.</summary>
    public const int LargestPooled = 8 << 20;

    private static long _abandoned;

    /// <summary>Bytes of all arrays that were left to the collector since the process began.</summary>
    public static long Abandoned => Interlocked.Read(ref _abandoned);

    /// <summary>An array of at least this length, with undefined contents.</summary>
    public static byte[] Rent(int length) =>
        length <= LargestPooled ? ArrayPool<byte>.Shared.Rent(length) : GC.AllocateUninitializedArray<byte>(length);

    /// <summary>Ends the use of an array, which is rented here or of the shared pool.</summary>
    public static void Return(byte[] array)
    {
        if (array.Length <= LargestPooled)
            ArrayPool<byte>.Shared.Return(array);
        else
            Interlocked.Add(ref _abandoned, array.Length);
    }
}
