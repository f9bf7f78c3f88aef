using System.Numerics;
using System.Runtime.CompilerServices;

namespace Inference.Protocols.Json;

/// <summary>
/// Writes a finite float as .NET does: <c>0.25</c>, <c>8.8E-07</c>, <c>1E+10</c>. Only -0 has a point, because Python reads <c>-0</c> as an
/// integer without a sign.
/// </summary>
internal static class FiniteSingleText
{
    /// <summary>An upper bound of the length in bytes. The longest text, such as <c>-1.17549435E-38</c>, has 15.</summary>
    public const int MaxLength = 16;

    /// <summary>The maximum number of digits before the point, including zeros. For more digits, .NET writes an exponent.</summary>
    private const int MaxIntegerDigits = 9;

    /// <summary>
    /// The maximum number of zeros before the first digit, including the zero before the point. For more zeros, .NET writes an exponent.
    /// </summary>
    private const int MaxLeadingZeros = 4;

    /// <summary>The two digits of each number from 0 to 99.</summary>
    private static ReadOnlySpan<byte> Pairs =>
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"u8
        + "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"u8;

    /// <param name="text">At least <see cref="MaxLength"/> bytes.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Write(Span<byte> text, float value)
    {
        var at = 0;
        if (float.IsNegative(value))
        {
            if (value == 0)
                return WriteNegativeZero(text);
            text[at++] = (byte)'-';
        }

        var (digits, exponent) = ShortestSingle.Find(value);
        var count = CountDigits(digits);
        var point = count + exponent;
        if (point is > MaxIntegerDigits or <= -MaxLeadingZeros)
            at += WriteScientific(text[at..], digits, count, point - 1);
        else if (exponent >= 0)
            at += WriteInteger(text[at..], digits, count, exponent);
        else
            at += WriteFraction(text[at..], digits, count, point);
        return at;
    }

    /// <returns>The number of bytes written.</returns>
    public static int WriteNegativeZero(Span<byte> text)
    {
        "-0.0"u8.CopyTo(text);
        return 4;
    }

    private static int WriteInteger(Span<byte> text, uint digits, int count, int zeros)
    {
        WriteDigits(text, digits, count);
        text.Slice(count, zeros).Fill((byte)'0');
        return count + zeros;
    }

    /// <param name="point">
    /// The number of digits before the point. A negative number counts the zeros directly after the point: -2 for 0.001.
    /// </param>
    private static int WriteFraction(Span<byte> text, uint digits, int count, int point)
    {
        (digits, count) = RemoveTrailingZeros(digits, count, point);
        if (count <= point)
            return WriteInteger(text, digits, count, point - count);
        if (point > 0)
        {
            // Writes all digits one place too far to the right, then moves the digits before the point to the left.
            WriteDigits(text[1..], digits, count);
            text.Slice(1, point).CopyTo(text);
            text[point] = (byte)'.';
            return count + 1;
        }

        var zeros = 2 - point;
        text[..zeros].Fill((byte)'0');
        text[1] = (byte)'.';
        WriteDigits(text[zeros..], digits, count);
        return zeros + count;
    }

    private static int WriteScientific(Span<byte> text, uint digits, int count, int exponent)
    {
        (digits, count) = RemoveTrailingZeros(digits, count, 1);
        WriteDigits(text[1..], digits, count);
        text[0] = text[1];
        text[1] = (byte)'.';
        var at = count == 1 ? 1 : count + 1;
        text[at++] = (byte)'E';
        text[at++] = (byte)(exponent < 0 ? '-' : '+');
        WriteDigits(text[at..], (uint)Math.Abs(exponent), 2);
        return at + 2;
    }

    /// <summary>
    /// Removes zeros at the end. Such zeros are rare: they occur when the decimal equals the float exactly, or when the digits were rounded
    /// up.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (uint Digits, int Count) RemoveTrailingZeros(uint digits, int count, int minCount)
    {
        while (count > minCount && digits % 10 == 0)
        {
            digits /= 10;
            count--;
        }

        return (digits, count);
    }

    /// <summary>Writes two digits at a time, from the last digit to the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WriteDigits(Span<byte> text, uint digits, int count)
    {
        for (; count >= 2; count -= 2)
        {
            var (rest, pair) = Math.DivRem(digits, 100);
            Pairs.Slice((int)pair * 2, 2).CopyTo(text[(count - 2)..]);
            digits = rest;
        }

        if (count == 1)
            text[0] = (byte)('0' + digits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CountDigits(uint value)
    {
        // The highest bit gives an estimate of the number of digits, because 1233 / 4096 is about log10 of 2. The estimate is one too low
        // for a value of at least 10^estimate.
        var estimate = ((BitOperations.Log2(value | 1) + 1) * 1233) >> 12;
        return estimate + (value >= Tens[estimate] ? 1 : 0);
    }

    private static ReadOnlySpan<uint> Tens => [0, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000];
}
