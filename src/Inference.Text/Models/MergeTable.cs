using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inference.Text.Models;

/// <summary>
/// The pairs of tokens that are merged. The table uses open addressing for speed, because every pair of adjacent tokens is looked up.
/// </summary>
internal sealed class MergeTable
{
    private const ulong Empty = ulong.MaxValue;

    private readonly Entry[] _entries;

    /// <summary>The number of bits by which a hash is shifted right. The remaining bits are an index of the table.</summary>
    private readonly int _shift;

    /// <param name="capacity">The number of pairs to add.</param>
    public MergeTable(int capacity)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, capacity * 2));
        _shift = 64 - BitOperations.Log2(size);
        _entries = new Entry[size];
        Array.Fill(_entries, new Entry(Empty, 0, 0));
    }

    /// <summary>Adds or replaces a pair.</summary>
    /// <param name="rank">The rank; lower ranks are merged first.</param>
    /// <param name="merged">The token that replaces the pair.</param>
    public void Set(int left, int right, int rank, int merged)
    {
        var key = KeyOf(left, right);
        ref var entry = ref FindEntry(key);
        entry = new Entry(key, rank, merged);
    }

    /// <returns>The rank of the pair; <see cref="int.MaxValue"/> when the pair is not merged.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FindRank(int left, int right, out int merged)
    {
        var key = KeyOf(left, right);
        ref var entry = ref FindEntry(key);
        merged = entry.Merged;
        return entry.Key == key ? entry.Rank : int.MaxValue;
    }

    private ref Entry FindEntry(ulong key)
    {
        // Fibonacci hashing: the multiplier is 2^64 divided by the golden ratio.
        var index = (int)((key * 0x9E3779B97F4A7C15) >> _shift);
        while (_entries[index].Key != key && _entries[index].Key != Empty)
            index = (index + 1) & (_entries.Length - 1);
        return ref _entries[index];
    }

    private static ulong KeyOf(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private readonly record struct Entry(ulong Key, int Rank, int Merged);
}
