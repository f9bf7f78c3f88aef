using System.Globalization;

namespace Inference.Text.Reading;

/// <summary>
/// Parses numbers as Rust's serde_json does by default: the digits as an integer, multiplied or divided by a power of ten. The result may
/// differ from the nearest number in the last bit. The last bit can decide between two splits of a word whose sums of scores are close.
/// </summary>
internal static class RustNumber
{
    /// <summary>The exponent of the largest power of ten that a double can hold.</summary>
    private const int MaxPower = 308;

    /// <summary>The maximum exponent. A larger exponent has the same result: zero or an error.</summary>
    private const int MaxExponent = 1_000_000_000;

    private static readonly double[] Powers =
        [.. Enumerable.Range(0, MaxPower + 1).Select(power => double.Parse($"1e{power}", CultureInfo.InvariantCulture))];

    /// <param name="text">A number of JSON.</param>
    /// <exception cref="FormatException">The number is too large.</exception>
    public static double Parse(ReadOnlySpan<char> text)
    {
        var isNegative = text[0] == '-';
        var (significand, exponent, index) = (0UL, 0, isNegative ? 1 : 0);
        var (isFraction, isFull) = (false, false);
        for (; index < text.Length && text[index] is not ('e' or 'E'); index++)
        {
            if (text[index] == '.')
            {
                isFraction = true;
                continue;
            }

            var digit = (ulong)(text[index] - '0');
            // Fraction digits that do not fit into the significand are dropped. Such digits before the point only increase the exponent.
            isFull |= significand > (ulong.MaxValue - digit) / 10;
            if (!isFull)
            {
                significand = (significand * 10) + digit;
                exponent -= isFraction ? 1 : 0;
            }
            else if (!isFraction)
            {
                exponent++;
            }
        }

        if (index < text.Length)
            exponent += (int)Math.Clamp(double.Parse(text[(index + 1)..], CultureInfo.InvariantCulture), -MaxExponent, MaxExponent);
        var value = Scale(significand, exponent);
        return isNegative ? -value : value;
    }

    private static double Scale(double value, int exponent)
    {
        for (; exponent < -MaxPower && value != 0; exponent += MaxPower)
            value /= Powers[MaxPower];
        if (value == 0)
            return 0;
        value = exponent >= 0 ? value * Powers[Math.Min(exponent, MaxPower)] : value / Powers[-exponent];
        return double.IsFinite(value) && exponent <= MaxPower ? value : throw new FormatException("A score is too large.");
    }
}
