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

    /// <summary>Takes digits a word at a time, and those that are left in the same way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ScanDigits(ReadOnlySpan<byte> text, int at, ref ulong mantissa)
    {
        while (text.Length - at >= sizeof(ulong))
        {
            var word = Digits.Take(text[at..]);
            var count = Digits.Count(word);
            if (count == sizeof(ulong))
            {
                mantissa = (100_000_000 * mantissa) + Digits.Value(word);
                at += sizeof(ulong);
                continue;
            }

            // Never 8 here, and the check of the index goes.
            mantissa = (Tens[count & 7] * mantissa) + Digits.Value(word, count);
            return at + count;
        }

        for (; at < text.Length && (uint)(text[at] - '0') <= 9; at++)
            mantissa = (10 * mantissa) + (uint)(text[at] - '0');
        return at;
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
