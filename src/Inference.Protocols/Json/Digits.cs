using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inference.Protocols.Json;

/// <summary>
/// Decimal digits eight at a time in one word, the first lowest: a pair, four and eight of them to a multiplication (Lemire, "Number
/// parsing at a gigabyte per second").
/// </summary>
internal static class Digits
{
    /// <summary>Eight characters; digits become 0 to 9.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Take(ReadOnlySpan<byte> text) => BinaryPrimitives.ReadUInt64LittleEndian(text) ^ 0x3030303030303030;

    /// <summary>The number of digits before the first other character; 8 when all are digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Count(ulong word)
    {
        // With 6 added, what is no digit has a bit in its upper half. A carry falsifies only what follows.
        var others = (word | (word + 0x0606060606060606)) & 0xF0F0F0F0F0F0F0F0;
        return BitOperations.TrailingZeroCount(others) >> 3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Value(ulong word)
    {
        var pairs = (10 * word) + (word >> 8);
        return (((pairs & 0x000000FF000000FF) * 0x000F424000000064) + (((pairs >> 16) & 0x000000FF000000FF) * 0x0000271000000001)) >> 32;
    }

    /// <summary>The value of the first digits, seven at most, computed without a branch on their number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Value(ulong word, int count)
    {
        // The last goes to the top, and zeros come before the first. No shift takes all 64 bits at once.
        var digits = word << (8 * (7 - count)) << 8;
        return Value(digits);
    }
}
