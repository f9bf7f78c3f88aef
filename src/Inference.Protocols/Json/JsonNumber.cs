using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inference.Protocols.Json;

/// <summary>
/// One JSON number (RFC 8259, section 6), scanned into <c>Mantissa * 10^Exponent</c>. Its text is kept for what the parts cannot
/// tell: more digits than a mantissa holds.
/// </summary>
internal readonly ref struct JsonNumber
{
    /// <summary>So many digits always fit 64 bits.</summary>
    private const int MaxDigits = 19;

    /// <summary>Beyond any type's range already, and far from overflowing while it is read.</summary>
    private const int MaxExponent = 100_000;

    private static ReadOnlySpan<ulong> Tens => [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000];

    private JsonNumber(ReadOnlySpan<byte> text, ulong mantissa, int exponent, bool isInteger, bool isExact)
    {
        Text = text;
        Mantissa = mantissa;
        Exponent = exponent;
        IsInteger = isInteger;
        IsExact = isExact;
    }

    public ReadOnlySpan<byte> Text { get; }

    /// <summary>The digits without sign and point; meaningless unless <see cref="IsExact"/>.</summary>
    public ulong Mantissa { get; }

    public int Exponent { get; }

    public bool IsNegative => Text[0] == '-';

    /// <summary>Written without a point and an exponent.</summary>
    public bool IsInteger { get; }

    /// <summary>Whether mantissa and exponent are the whole number.</summary>
    public bool IsExact { get; }

    /// <summary>Scans the number that <paramref name="text"/> starts with; false when it starts with none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryScan(ReadOnlySpan<byte> text, out JsonNumber number)
    {
        number = default;
        var mantissa = 0UL;
        var start = !text.IsEmpty && text[0] == '-' ? 1 : 0;
        // A zero stands alone: what follows it is a point, an exponent or the number's end.
        var end = start < text.Length && text[start] == '0' ? start + 1 : ScanDigits(text, start, ref mantissa);
        if (end == start)
            return false;
        var (digits, exponent, isInteger) = (end - start, 0, true);
        if (end < text.Length && text[end] == '.')
        {
            var fraction = end + 1;
            end = ScanDigits(text, fraction, ref mantissa);
            if (end == fraction)
                return false;
            digits += end - fraction;
            (exponent, isInteger) = (fraction - end, false);
        }

        var isExact = digits <= MaxDigits || SignificantDigits(text[start..end]) <= MaxDigits;
        if (end < text.Length && (text[end] | 0x20) == 'e')
        {
            // Copies, for a variable whose address is taken stays in memory for all of the scan.
            var (at, power) = (end, exponent);
            if (!TryScanExponent(text, ref at, ref power))
                return false;
            (end, exponent, isInteger) = (at, power, false);
        }

        number = new JsonNumber(text[..end], mantissa, exponent, isInteger, isExact);
        return true;
    }

    /// <summary>
    /// Takes digits eight at a time in one word, a pair, four and eight of them to a multiplication (Lemire, "Number parsing at a
    /// gigabyte per second"), and those that are left in the same way, without a branch on how many they are.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ScanDigits(ReadOnlySpan<byte> text, int at, ref ulong mantissa)
    {
        while (text.Length - at >= sizeof(ulong))
        {
            // Digits become 0 to 9; with 6 added, what is none has a bit in its upper half.
            var word = BinaryPrimitives.ReadUInt64LittleEndian(text[at..]) ^ 0x3030303030303030;
            var others = (word | (word + 0x0606060606060606)) & 0xF0F0F0F0F0F0F0F0;
            if (others == 0)
            {
                mantissa = (100_000_000 * mantissa) + Number(word);
                at += sizeof(ulong);
                continue;
            }

            // The last digit goes to the top, and zeros come before the first. No shift takes all 64 bits at once.
            var count = (BitOperations.TrailingZeroCount(others) / 8) & 7;
            mantissa = (Tens[count] * mantissa) + Number(word << (8 * (7 - count)) << 8);
            return at + count;
        }

        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
            mantissa = (10 * mantissa) + (uint)(text[at] - '0');
        return at;
    }

    /// <summary>Of eight digits, the first lowest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Number(ulong digits)
    {
        var pairs = (10 * digits) + (digits >> 8);
        return (((pairs & 0x000000FF000000FF) * 0x000F424000000064) + (((pairs >> 16) & 0x000000FF000000FF) * 0x0000271000000001)) >> 32;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int SignificantDigits(ReadOnlySpan<byte> digits)
    {
        var significant = digits.TrimStart("0."u8);
        return significant.Length - (significant.Contains((byte)'.') ? 1 : 0);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryScanExponent(ReadOnlySpan<byte> text, ref int end, ref int exponent)
    {
        var at = end + 1;
        var isNegative = at < text.Length && text[at] == '-';
        if (at < text.Length && text[at] is (byte)'-' or (byte)'+')
            at++;
        var (first, value) = (at, 0);
        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
            value = Math.Min(MaxExponent, (10 * value) + (text[at] - '0'));
        exponent += isNegative ? -value : value;
        end = at;
        return at > first;
    }
}
