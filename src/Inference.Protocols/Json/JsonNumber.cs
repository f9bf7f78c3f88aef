using System.Runtime.CompilerServices;

namespace Inference.Protocols.Json;

/// <summary>
/// One JSON number (RFC 8259, section 6), scanned into <c>Mantissa * 10^Exponent</c>. The text of the number is kept, because a number with
/// more digits than the mantissa can hold is parsed from its text.
/// </summary>
internal readonly ref struct JsonNumber
{
    /// <summary>The maximum number of digits that always fit into 64 bits.</summary>
    private const int MaxDigits = 19;

    /// <summary>
    /// The maximum absolute value of a written exponent. A larger value is replaced by the maximum, so that the scan cannot overflow. The
    /// maximum is beyond the range of every type.
    /// </summary>
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

    /// <summary>The digits without sign and point. The value is undefined unless <see cref="IsExact"/> is true.</summary>
    public ulong Mantissa { get; }

    public int Exponent { get; }

    public bool IsNegative => Text[0] == '-';

    /// <summary>Whether the number is written without a point and an exponent.</summary>
    public bool IsInteger { get; }

    /// <summary>Whether mantissa and exponent represent the number exactly.</summary>
    public bool IsExact { get; }

    /// <summary>Scans the number at the start of <paramref name="text"/>. Returns false when there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryScan(ReadOnlySpan<byte> text, out JsonNumber number)
    {
        number = default;
        var mantissa = 0UL;
        var start = !text.IsEmpty && text[0] == '-' ? 1 : 0;
        // After a leading zero only a point, an exponent or the end of the number may follow.
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

        var isExact = digits <= MaxDigits || CountSignificantDigits(text[start..end]) <= MaxDigits;
        if (end < text.Length && (text[end] | 0x20) == 'e')
        {
            // Passes copies by reference. Otherwise the compiler would keep the variables of the whole scan in memory instead of registers.
            var (exponentEnd, totalExponent) = (end, exponent);
            if (!TryScanExponent(text, ref exponentEnd, ref totalExponent))
                return false;
            (end, exponent, isInteger) = (exponentEnd, totalExponent, false);
        }

        number = new JsonNumber(text[..end], mantissa, exponent, isInteger, isExact);
        return true;
    }

    /// <summary>Scans digits, eight at a time, and returns the position after them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ScanDigits(ReadOnlySpan<byte> text, int at, ref ulong mantissa)
    {
        while (text.Length - at >= sizeof(ulong))
        {
            var word = Digits.Load(text[at..]);
            var count = Digits.Count(word);
            if (count == sizeof(ulong))
            {
                mantissa = (100_000_000 * mantissa) + Digits.Value(word);
                at += sizeof(ulong);
                continue;
            }

            // The count is never 8 here. The mask lets the compiler omit the bounds check.
            mantissa = (Tens[count & 7] * mantissa) + Digits.Value(word, count);
            return at + count;
        }

        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
            mantissa = (10 * mantissa) + (uint)(text[at] - '0');
        return at;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int CountSignificantDigits(ReadOnlySpan<byte> digits)
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
