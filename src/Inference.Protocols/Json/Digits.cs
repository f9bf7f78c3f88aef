using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inference.Protocols.Json;

/// <summary>
/// Converts eight decimal digits at once, as one 64-bit word with the first digit in the lowest byte. The first multiplication joins the
/// digits to four pairs. Two more multiplications weight the pairs and add them (Lemire, "Number parsing at a gigabyte per second").
/// </summary>
internal static class Digits
{
    /// <summary>Loads eight characters; digits become 0 to 9.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load(ReadOnlySpan<byte> text) => BinaryPrimitives.ReadUInt64LittleEndian(text) ^ 0x3030303030303030;

    /// <summary>Returns the number of digits before the first other character; 8 when all are digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Count(ulong word)
    {
        // Each byte of a digit is 0 to 9. A byte from 10 to 15 becomes at least 16 when 6 is added. So every byte that is not a digit has
        // a bit in its upper half, before or after the addition. A carry only affects the bytes of later characters.
        var nonDigitBits = (word | (word + 0x0606060606060606)) & 0xF0F0F0F0F0F0F0F0;
        return BitOperations.TrailingZeroCount(nonDigitBits) >> 3;
    }

    /// <summary>Returns the value of eight digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Value(ulong word)
    {
        var pairs = (10 * word) + (word >> 8);
        return (((pairs & 0x000000FF000000FF) * 0x000F424000000064) + (((pairs >> 16) & 0x000000FF000000FF) * 0x0000271000000001)) >> 32;
    }

    /// <summary>Returns the value of the first digits, at most seven. No branch depends on the number of digits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Value(ulong word, int count)
    {
        // Shifts the last digit to the top, with zeros before the first. There are two shifts, because a single shift by 64 bits would not
        // shift at all.
        var digits = word << (8 * (7 - count)) << 8;
        return Value(digits);
    }
}
