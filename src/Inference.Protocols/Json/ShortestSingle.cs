using System.Runtime.CompilerServices;

namespace Inference.Protocols.Json;

/// <summary>
/// Finds the shortest decimal that reads back as the same float. If there are several, the one nearest to the float is chosen. The
/// algorithm is from Raffaello Giulietti, "The Schubfach way to render doubles", for single precision. It is several times as fast as
/// <see cref="float.TryFormat(Span{byte}, out int, ReadOnlySpan{char}, IFormatProvider?)"/>.
/// </summary>
internal static class ShortestSingle
{
    private const int SignificandBits = 23;
    private const uint HiddenBit = 1u << SignificandBits;
    private const int ExponentBias = 127 + SignificandBits;

    /// <summary>The exponent of the first element of <see cref="Powers"/>.</summary>
    private const int SmallestPower = -31;

    /// <summary>The powers of ten with exponents from -31 to 45, scaled to 64 bits and rounded up.</summary>
    private static ReadOnlySpan<ulong> Powers =>
    [
        0x81CEB32C4B43FCF5, 0xA2425FF75E14FC32, 0xCAD2F7F5359A3B3F, 0xFD87B5F28300CA0E, 0x9E74D1B791E07E49, 0xC612062576589DDB,
        0xF79687AED3EEC552, 0x9ABE14CD44753B53, 0xC16D9A0095928A28, 0xF1C90080BAF72CB2, 0x971DA05074DA7BEF, 0xBCE5086492111AEB,
        0xEC1E4A7DB69561A6, 0x9392EE8E921D5D08, 0xB877AA3236A4B44A, 0xE69594BEC44DE15C, 0x901D7CF73AB0ACDA, 0xB424DC35095CD810,
        0xE12E13424BB40E14, 0x8CBCCC096F5088CC, 0xAFEBFF0BCB24AAFF, 0xDBE6FECEBDEDD5BF, 0x89705F4136B4A598, 0xABCC77118461CEFD,
        0xD6BF94D5E57A42BD, 0x8637BD05AF6C69B6, 0xA7C5AC471B478424, 0xD1B71758E219652C, 0x83126E978D4FDF3C, 0xA3D70A3D70A3D70B,
        0xCCCCCCCCCCCCCCCD, 0x8000000000000000, 0xA000000000000000, 0xC800000000000000, 0xFA00000000000000, 0x9C40000000000000,
        0xC350000000000000, 0xF424000000000000, 0x9896800000000000, 0xBEBC200000000000, 0xEE6B280000000000, 0x9502F90000000000,
        0xBA43B74000000000, 0xE8D4A51000000000, 0x9184E72A00000000, 0xB5E620F480000000, 0xE35FA931A0000000, 0x8E1BC9BF04000000,
        0xB1A2BC2EC5000000, 0xDE0B6B3A76400000, 0x8AC7230489E80000, 0xAD78EBC5AC620000, 0xD8D726B7177A8000, 0x878678326EAC9000,
        0xA968163F0A57B400, 0xD3C21BCECCEDA100, 0x84595161401484A0, 0xA56FA5B99019A5C8, 0xCECB8F27F4200F3A, 0x813F3978F8940985,
        0xA18F07D736B90BE6, 0xC9F2C9CD04674EDF, 0xFC6F7C4045812297, 0x9DC5ADA82B70B59E, 0xC5371912364CE306, 0xF684DF56C3E01BC7,
        0x9A130B963A6C115D, 0xC097CE7BC90715B4, 0xF0BDC21ABB48DB21, 0x96769950B50D88F5, 0xBC143FA4E250EB32, 0xEB194F8E1AE525FE,
        0x92EFD1B8D0CF37BF, 0xB7ABC627050305AE, 0xE596B7B0C643C71A, 0x8F7E32CE7BEA5C70, 0xB35DBF821AE4F38C,
    ];

    /// <summary>Finds the decimal of a finite number without its sign: the number is <c>Digits * 10^Exponent</c>.</summary>
    public static (uint Digits, int Exponent) Find(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        var fraction = bits & (HiddenBit - 1);
        var biased = (int)(bits >> SignificandBits) & 0xFF;
        var significand = biased == 0 ? fraction : fraction | HiddenBit;
        if (significand == 0)
            return (0, 0);
        var exponent = Math.Max(biased, 1) - ExponentBias;
        // A whole number that a float represents exactly is its own shortest form.
        if (exponent is <= 0 and > -SignificandBits - 1 && (significand & ((1u << -exponent) - 1)) == 0)
            return (significand >> -exponent, 0);
        return Shorten(significand, exponent, isPowerOfTwo: fraction == 0 && biased > 1);
    }

    /// <param name="isPowerOfTwo">
    /// Whether the float is a power of two. Then the next smaller float is half as far away as the next larger one.
    /// </param>
    private static (uint Digits, int Exponent) Shorten(uint significand, int exponent, bool isPowerOfTwo)
    {
        var power = isPowerOfTwo ? FloorLog10ThreeQuartersPow2(exponent) : FloorLog10Pow2(exponent);
        var scale = Powers[-power - SmallestPower];
        var shift = exponent + FloorLog2Pow10(-power) + 1;
        var value = RoundToOdd(scale, (4 * significand) << shift);
        // Every decimal in an interval around the float reads back as the float. The ends of the interval are halfway to the neighboring
        // floats. A parser rounds a halfway number to the float with the even significand. So the ends belong to the interval only if
        // the significand of this float is even.
        var odd = significand & 1;
        var lower = RoundToOdd(scale, ((4 * significand) - (isPowerOfTwo ? 1u : 2u)) << shift) + odd;
        var upper = RoundToOdd(scale, ((4 * significand) + 2) << shift) - odd;

        var digits = value / 4;
        if (digits >= 10)
        {
            var fewerDigits = digits / 10;
            var (downFits, upFits) = (lower <= 40 * fewerDigits, (40 * fewerDigits) + 40 <= upper);
            if (downFits != upFits)
                return (fewerDigits + (upFits ? 1u : 0), power + 1);
        }

        var (thisFits, nextFits) = (lower <= 4 * digits, (4 * digits) + 4 <= upper);
        if (thisFits != nextFits)
            return (digits + (nextFits ? 1u : 0), power);
        var middle = (4 * digits) + 2;
        var roundsUp = value > middle || (value == middle && (digits & 1) != 0);
        return (digits + (roundsUp ? 1u : 0), power);
    }

    /// <summary>
    /// Returns the upper 32 bits of the product. Their last bit is also set when the dropped bits are more than the rounding error of the
    /// scale.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint RoundToOdd(ulong scale, uint value)
    {
        var upper = ((scale >> 32) * value) + (((scale & uint.MaxValue) * value) >> 32);
        return (uint)(upper >> 32) | ((uint)upper > 1 ? 1u : 0);
    }

    // Fixed-point logarithms: 1741647 / 2^19 is about log2(10), 1262611 / 2^22 is about log10(2), and 524031 / 2^22 is about log10(4/3).
    private static int FloorLog2Pow10(int exponent) => (exponent * 1741647) >> 19;

    private static int FloorLog10Pow2(int exponent) => (exponent * 1262611) >> 22;

    private static int FloorLog10ThreeQuartersPow2(int exponent) => ((exponent * 1262611) - 524031) >> 22;
}
