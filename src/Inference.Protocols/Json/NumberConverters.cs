using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using Inference.Tensors;

namespace Inference.Protocols.Json;

/// <summary>Converts whole numbers within the range of the type.</summary>
internal readonly struct IntegerConverter<T> : INumberConverter<T>
    where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryConvert(in JsonNumber number, out T value)
    {
        var (isWhole, magnitude) = number.IsExact && number.IsInteger ? (true, number.Mantissa) : WholeNumber.Read(number);
        var isNegative = number.IsNegative;
        value = T.CreateTruncating(isNegative ? 0 - magnitude : magnitude);
        var largest = ulong.CreateTruncating(T.MaxValue);
        return isWhole && magnitude <= (isNegative ? largest + 1 : largest) && (!isNegative || magnitude == 0 || T.IsNegative(T.MinValue));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryConvert(int mantissa, int decimals, out T value)
    {
        value = T.CreateSaturating(mantissa);
        return decimals == 0 && int.CreateSaturating(value) == mantissa;
    }
}

/// <summary>Converts 0 and 1, as NumPy and C write booleans.</summary>
internal readonly struct BooleanConverter : INumberConverter<bool>
{
    public static bool TryConvert(in JsonNumber number, out bool value)
    {
        var isWhole = IntegerConverter<byte>.TryConvert(number, out var whole);
        value = whole == 1;
        return isWhole && whole <= 1;
    }

    public static bool TryConvert(int mantissa, int decimals, out bool value)
    {
        value = mantissa == 1;
        return decimals == 0 && mantissa is (0 or 1);
    }
}

/// <summary>
/// Converts to the nearest float, as <see cref="float.Parse(string)"/> does. The number is computed in double precision with at most three
/// roundings: of the mantissa, of the power of ten, and of their product. The error is at most three units in the last place. A double
/// within this error of the middle between two floats could round to the wrong float. In this case, .NET parses the text instead.
/// </summary>
internal readonly struct SingleConverter : INumberConverter<float>
{
    private const double SmallestNormal = 1.17549435e-38;

    /// <summary>The bits of a double's significand that a float does not have.</summary>
    private const ulong Dropped = (1UL << 29) - 1;

    /// <summary>The dropped bits of a double that is in the middle between two floats.</summary>
    private const ulong Halfway = 1UL << 28;

    /// <summary>The distance from the middle, in units in the last place, within which .NET parses the text.</summary>
    private const ulong Margin = 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryConvert(in JsonNumber number, out float value)
    {
        if (number.IsExact && number.Mantissa <= long.MaxValue && PowersOfTen.TryGet(number.Exponent, out var power))
        {
            // Converting from the signed type is a single instruction.
            var wide = (double)(long)number.Mantissa * power;
            var tail = BitConverter.DoubleToUInt64Bits(wide) & Dropped;
            if ((wide >= SmallestNormal && tail - (Halfway - Margin) > 2 * Margin) || number.Mantissa == 0)
            {
                value = (float)(number.IsNegative ? -wide : wide);
                return float.IsFinite(value);
            }
        }

        (var isNumber, value) = Parse(number.Text);
        return isNumber;
    }

    /// <summary>Converts with one correctly rounded division of exact operands (Clinger's fast path).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryConvert(int mantissa, int decimals, out float value)
    {
        value = mantissa / PowersOfTen.GetSingle(decimals);
        return true;
    }

    /// <summary>Parses the text. A number that is too large for the type is refused, because .NET would return an infinity.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (bool IsNumber, float Value) Parse(ReadOnlySpan<byte> text) =>
        (float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value), value);
}

/// <summary>
/// Converts to the nearest double, by one correctly rounded operation on exact operands (Clinger's fast path) or by the general parser.
/// </summary>
internal readonly struct DoubleConverter : INumberConverter<double>
{
    /// <summary>Doubles represent all whole numbers up to this one exactly.</summary>
    private const ulong LargestExact = 1UL << 53;

    /// <summary>Doubles represent all powers of ten up to this exponent exactly.</summary>
    private const int LargestExactPower = 22;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryConvert(in JsonNumber number, out double value)
    {
        if (number.IsExact && number.Mantissa <= LargestExact && Math.Abs(number.Exponent) <= LargestExactPower
            && PowersOfTen.TryGet(Math.Abs(number.Exponent), out var power))
        {
            var mantissa = (double)(long)number.Mantissa;
            value = number.Exponent < 0 ? mantissa / power : mantissa * power;
            if (number.IsNegative)
                value = -value;
            return true;
        }

        (var isNumber, value) = Parse(number.Text);
        return isNumber;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryConvert(int mantissa, int decimals, out double value)
    {
        value = mantissa / (double)PowersOfTen.GetSingle(decimals);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (bool IsNumber, double Value) Parse(ReadOnlySpan<byte> text) =>
        (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value), value);
}

/// <summary>
/// Converts to the nearest half by way of the nearest double. A double in the middle between two halves is first moved to the side of the
/// number. A short number is never so close to a middle that its double would be this middle.
/// </summary>
internal readonly struct HalfConverter : INumberConverter<Half>
{
    private const double SmallestNormal = 6.103515625E-05;

    /// <summary>The bits of a double's significand that a half does not have.</summary>
    private const ulong Dropped = (1UL << 42) - 1;

    /// <summary>The dropped bits of a double that is in the middle between two normal halves.</summary>
    private const ulong Halfway = 1UL << 41;

    public static bool TryConvert(in JsonNumber number, out Half value)
    {
        var isNumber = DoubleConverter.TryConvert(number, out var wide);
        if ((BitConverter.DoubleToUInt64Bits(wide) & Dropped) == Halfway || Math.Abs(wide) < SmallestNormal)
            wide = MoveFromMiddle(number, wide);
        value = (Half)wide;
        return isNumber && Half.IsFinite(value);
    }

    public static bool TryConvert(int mantissa, int decimals, out Half value)
    {
        value = (Half)(mantissa / (double)PowersOfTen.GetSingle(decimals));
        return Half.IsFinite(value);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static double MoveFromMiddle(in JsonNumber number, double wide)
    {
        var magnitude = Math.Abs(wide);
        var (below, above) = (Math.BitDecrement(magnitude), Math.BitIncrement(magnitude));
        if ((Half)below == (Half)above)
            return wide;
        var side = ExactComparison.Compare(number, magnitude);
        return side == 0 ? wide : Math.CopySign(side < 0 ? below : above, wide);
    }
}

/// <summary>
/// Converts to the nearest BF16 by way of the nearest float. A float in the middle between two BF16 is first moved to the side of the
/// number. A short number can have a middle as its float, but then the nearest BF16 is the even one, to which a middle rounds.
/// </summary>
internal readonly struct BFloat16Converter : INumberConverter<ushort>
{
    /// <summary>The lower bits of a float that is in the middle between two BF16.</summary>
    private const ushort Halfway = 0x8000;

    public static bool TryConvert(in JsonNumber number, out ushort value)
    {
        var isNumber = SingleConverter.TryConvert(number, out var wide);
        if ((ushort)BitConverter.SingleToUInt32Bits(wide) == Halfway)
            wide = MoveFromMiddle(number, wide);
        value = BFloat16.Round(wide);
        return isNumber && float.IsFinite(BFloat16.Widen(value));
    }

    public static bool TryConvert(int mantissa, int decimals, out ushort value)
    {
        value = BFloat16.Round(mantissa / PowersOfTen.GetSingle(decimals));
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static float MoveFromMiddle(in JsonNumber number, float wide)
    {
        var magnitude = MathF.Abs(wide);
        var side = ExactComparison.Compare(number, magnitude);
        return side == 0 ? wide : MathF.CopySign(side < 0 ? MathF.BitDecrement(magnitude) : MathF.BitIncrement(magnitude), wide);
    }
}
