using System.Globalization;
using System.Runtime.CompilerServices;

namespace Inference.Protocols.Json;

/// <summary>
/// Compares a number exactly with the middle between two halves or two BF16. The nearest double or float can be this middle although the
/// number is not, so only the digits decide which of the two values is nearest.
/// </summary>
internal static class ExactComparison
{
    /// <summary>Doubles represent all whole numbers up to this one exactly.</summary>
    private const ulong LargestExact = 1UL << 53;

    /// <summary>A middle has at most 12 bits and 10^17 has 40, so a double represents their product exactly.</summary>
    private const int MaxExactDecimals = 17;

    /// <summary>The number of digits that represent every middle exactly. The longest middle, of two BF16, has 97 digits.</summary>
    private const int MaxDigits = 100;

    /// <summary>Compares the absolute value of a number with a middle.</summary>
    /// <returns>Negative if the value is less than the middle, positive if it is greater, and 0 if both are equal.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Compare(in JsonNumber number, double middle)
    {
        if (number.IsExact && number.Mantissa <= LargestExact && number.Exponent is <= 0 and >= -MaxExactDecimals
            && PowersOfTen.TryGet(-number.Exponent, out var power))
        {
            return ((double)number.Mantissa).CompareTo(middle * power);
        }

        Span<byte> text = stackalloc byte[MaxDigits + 8];
        // The text has the form d.dd...E+ddd.
        middle.TryFormat(text, out var length, "E99", CultureInfo.InvariantCulture);
        var exponent = int.Parse(text[(MaxDigits + 2)..length], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        text[1] = text[0];
        return CompareDigits(number, text.Slice(1, MaxDigits), exponent);
    }

    /// <param name="exact">The digits of the middle.</param>
    /// <param name="exponent">The power of ten of the first of these digits.</param>
    private static int CompareDigits(in JsonNumber number, ReadOnlySpan<byte> exact, int exponent)
    {
        var end = number.Text.IndexOfAny((byte)'e', (byte)'E');
        var digits = (end < 0 ? number.Text : number.Text[..end]).TrimStart("-0."u8);
        var ownExponent = number.Exponent + digits.Length - (digits.Contains((byte)'.') ? 2 : 1);
        if (ownExponent != exponent)
            return ownExponent.CompareTo(exponent);
        foreach (var digit in digits)
        {
            if (digit == '.')
                continue;
            var expected = exact.IsEmpty ? (byte)'0' : exact[0];
            if (digit != expected)
                return digit.CompareTo(expected);
            exact = exact.IsEmpty ? exact : exact[1..];
        }

        return exact.ContainsAnyExcept((byte)'0') ? -1 : 0;
    }
}
