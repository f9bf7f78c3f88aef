namespace Inference.Models.Settings;

/// <summary>
/// A 64-bit hash of text that is the same in every process, version and language: FNV-1a over the UTF-8 bytes (offset basis
/// 0xcbf29ce484222325, prime 0x100000001b3), then MurmurHash3's 64-bit finalizer, because FNV alone hardly reaches the high
/// bits with short text. It spreads evenly; it keeps no secrets.
/// </summary>
internal static class StableHash
{
    private const int MaxUtf8Bytes = 4;

    public static ulong Of(string text)
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

    /// <summary>Another hash, which depends on this one alone.</summary>
    public static ulong Next(ulong hash) => Finish(hash + 0x9e3779b97f4a7c15);

    /// <summary>A number from 0 to below <paramref name="count"/>: the hash, as a fraction of 2^64, of it.</summary>
    public static int Scale(ulong hash, int count) => (int)Math.BigMul(hash, (ulong)count, out _);

    private static ulong Finish(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
        hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
        return hash ^ (hash >> 33);
    }
}
