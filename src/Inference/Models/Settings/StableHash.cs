namespace Inference.Models.Settings;

/// <summary>
/// A 64-bit hash of text. Every process and release computes the same value, and programs in other languages can compute it too. The
/// algorithm is FNV-1a over the UTF-8 bytes (offset basis 0xcbf29ce484222325, prime 0x100000001b3), followed by MurmurHash3's 64-bit
/// finalizer. The finalizer is needed because FNV alone hardly changes the high bits for short text. The hash distributes evenly, but is
/// not cryptographic.
/// </summary>
internal static class StableHash
{
    private const int MaxUtf8Bytes = 4;

    public static ulong Compute(string text)
    {
        var hash = 0xcbf29ce484222325;
        Span<byte> utf8 = stackalloc byte[MaxUtf8Bytes];
        foreach (var rune in text.EnumerateRunes())
        {
            foreach (var value in utf8[..rune.EncodeToUtf8(utf8)])
                hash = (hash ^ value) * 0x100000001b3;
        }

        return Finish(hash);
    }

    /// <summary>Derives another hash from a hash. The constant is 2^64 divided by the golden ratio, as in SplitMix64.</summary>
    public static ulong Next(ulong hash) => Finish(hash + 0x9e3779b97f4a7c15);

    /// <summary>
    /// Maps a hash to a number from 0 to below <paramref name="count"/>: the hash divided by 2^64, times <paramref name="count"/>. For
    /// example, 2^63 and a count of 10 result in 5.
    /// </summary>
    public static int ToIndex(ulong hash, int count) => (int)Math.BigMul(hash, (ulong)count, out _);

    /// <summary>Returns the result of MurmurHash3's 64-bit finalizer.</summary>
    private static ulong Finish(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
