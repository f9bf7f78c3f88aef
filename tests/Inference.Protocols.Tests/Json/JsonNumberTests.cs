using System.Globalization;
using System.Numerics;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using Inference.Protocols.Json;
using Inference.Tensors;

namespace Inference.Protocols.Tests.Json;

/// <summary>Compares the converters of JSON numbers with .NET's own parsers, bit by bit.</summary>
public sealed class JsonNumberTests
{
    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData(".5")]
    [InlineData("1.")]
    [InlineData("1.e5")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("-.5")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    public void TryScan_InvalidJsonNumber_IsRefused(string text) =>
        Assert.False(JsonNumber.TryScan(Encoding.ASCII.GetBytes(text), out _));

    [Theory]
    [InlineData("01", "0")]
    [InlineData("-00.5", "-0")]
    [InlineData("1.5.5", "1.5")]
    [InlineData("1e5e5", "1e5")]
    [InlineData("12]", "12")]
    [InlineData("0x10", "0")]
    public void TryScan_MoreThanANumber_EndsWhereItEnds(string text, string number)
    {
        Assert.True(JsonNumber.TryScan(Encoding.ASCII.GetBytes(text), out var scanned));
        Assert.Equal(number, Encoding.ASCII.GetString(scanned.Text));
    }

    [Property(MaxTest = 2_000)]
    public Property TryConvert_RandomText_EqualsDotNet() => Prop.ForAll(NumberTexts, AssertEqualsDotNet);

    /// <summary>
    /// Tests the point halfway between two floats, and its neighbors. There, the last digit decides which float is nearest.
    /// </summary>
    [Property(MaxTest = 2_000)]
    public void TryConvert_HalfwayBetweenFloats_EqualsDotNet(int bits, int nudge)
    {
        var low = BitConverter.Int32BitsToSingle(bits & 0x7F7FFFFE);
        var halfway = ((double)low + MathF.BitIncrement(low)) / 2;
        // Nearly all halfway points have more digits than a mantissa holds. Their shortened texts are near the halfway point.
        AssertEqualsDotNet(Exactly(halfway));
        AssertEqualsDotNet(halfway.ToString("R", CultureInfo.InvariantCulture));
        AssertEqualsDotNet(halfway.ToString("E18", CultureInfo.InvariantCulture));
        AssertEqualsDotNet(
            BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(halfway) + (nudge % 8))
                .ToString("R", CultureInfo.InvariantCulture));
    }

    [Property(MaxTest = 2_000)]
    public void TryConvert_ShortestTextOfAnyDouble_EqualsDotNet(long bits)
    {
        var value = BitConverter.Int64BitsToDouble(bits);
        if (double.IsFinite(value))
            AssertEqualsDotNet(value.ToString("R", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("16777217")]
    [InlineData("16777219")]
    [InlineData("3.4028235677973366e38")]
    [InlineData("3.4028235677973365e38")]
    [InlineData("7.0064923216240854e-46")]
    [InlineData("7.0064923216240853e-46")]
    [InlineData("1.1754943157898258e-38")]
    [InlineData("2.2250738585072011e-308")]
    [InlineData("9007199254740993")]
    [InlineData("9223372036854775807")]
    [InlineData("9223372036854775809")]
    [InlineData("9999999999999999999")]
    [InlineData("18446744073709551616")]
    [InlineData("1e99999999999999999999")]
    [InlineData("-1e-99999999999999999999")]
    [InlineData("0e99999999999999999999")]
    [InlineData("-0.0")]
    [InlineData("0.00000000000000000000000000000000000000000000000000000000000000000000001e71")]
    [InlineData("1000000000000000000000000000000000000000000000000000000000e-56")]
    public void TryConvert_HardCase_EqualsDotNet(string text) => AssertEqualsDotNet(text);

    /// <summary>The nearest double or float is the middle between two small values, which the text is or is next to.</summary>
    [Property(MaxTest = 2_000)]
    public void TryConvert_NextToTheMiddleOfTwoSmallFloats_IsTheNearest(ushort bits)
    {
        var half = (ushort)(bits % 0x7BFF);
        var nextHalf = (ushort)(half + 1);
        var halfMiddle = ((double)BitConverter.UInt16BitsToHalf(half) + (double)BitConverter.UInt16BitsToHalf(nextHalf)) / 2;
        var brain = (ushort)(bits % 0x7F7F);
        var nextBrain = (ushort)(brain + 1);
        var brainMiddle = ((double)BFloat16.Widen(brain) + BFloat16.Widen(nextBrain)) / 2;
        foreach (var side in (int[])[-1, 0, 1])
        {
            AssertHalf(Beside(halfMiddle, side), ChooseNearest(half, nextHalf, side));
            AssertBFloat16(Beside(brainMiddle, side), ChooseNearest(brain, nextBrain, side));
        }
    }

    [Theory]
    [InlineData("1.00048828125", 0x3C00)]
    [InlineData("1.000488281250000000", 0x3C00)]
    [InlineData("1.0004882812500000001", 0x3C01)]
    [InlineData("-1.0004882812500000001", 0xBC01)]
    [InlineData("1.00146484375", 0x3C02)]
    [InlineData("1.00146484374999999999", 0x3C01)]
    [InlineData("65519.99999999999999999", 0x7BFF)]
    [InlineData("2.98023223876953125e-8", 0x0000)]
    [InlineData("2.980232238769531250000001e-8", 0x0001)]
    public void TryConvert_NearTheMiddleOfTwoHalves_IsTheNearest(string text, int bits) => AssertHalf(text, (ushort)bits);

    [Theory]
    [InlineData("150.5", 0x4316)]
    [InlineData("150.500000001", 0x4317)]
    [InlineData("-150.500000001", 0xC317)]
    [InlineData("151.499999999", 0x4317)]
    [InlineData("1.00390625001", 0x3F81)]
    [InlineData("25700000001e-8", 0x4381)]
    [InlineData("339617752923046005526922703901628039167", 0x7F7F)]
    public void TryConvert_NearTheMiddleOfTwoBFloat16_IsTheNearest(string text, int bits) => AssertBFloat16(text, (ushort)bits);

    [Property(MaxTest = 1_000)]
    public void TryConvert_Integers_AreAcceptedInTheirRangeOnly(long value, int power)
    {
        foreach (var candidate in (Int128[])[value, (Int128)value << (Math.Abs(power % 20)), value >> Math.Abs(power % 60), value % 300])
        {
            AssertInteger<byte>(candidate);
            AssertInteger<sbyte>(candidate);
            AssertInteger<short>(candidate);
            AssertInteger<ushort>(candidate);
            AssertInteger<int>(candidate);
            AssertInteger<uint>(candidate);
            AssertInteger<long>(candidate);
            AssertInteger<ulong>(candidate);
        }
    }

    private static Arbitrary<string> NumberTexts => Arb.From(
        from sign in Gen.Elements("", "-")
        from whole in Digits(22)
        from fraction in Gen.OneOf(Gen.Constant(""), Digits(24).Select(digits => $".{digits}"), Digits(900).Select(digits => $".{digits}"))
        from exponent in Gen.OneOf(
            Gen.Constant(""), Gen.Choose(-60, 45).Select(power => $"e{power}"), Gen.Choose(0, 400).Select(power => $"E+{power}"),
            Gen.Choose(0, 400).Select(power => $"e-{power}"))
        let integer = whole.TrimStart('0')
        select $"{sign}{(integer.Length == 0 ? "0" : integer)}{fraction}{exponent}");

    private static Gen<string> Digits(int most) =>
        from length in Gen.Choose(1, most)
        from digits in Gen.Choose(0, 9).ArrayOf(length)
        select string.Concat(digits);

    /// <summary>Returns a text of the value, or of the closest number above or below it with 150 decimals.</summary>
    /// <param name="side">-1 for the number below, 0 for the value itself, 1 for the number above.</param>
    private static string Beside(double value, int side)
    {
        var digits = value.ToString("F150", CultureInfo.InvariantCulture).Replace(".", "", StringComparison.Ordinal);
        return $"{(BigInteger.Parse(digits, CultureInfo.InvariantCulture) + side).ToString(CultureInfo.InvariantCulture)}e-150";
    }

    /// <summary>Returns the lower or the upper of two neighbors; for the middle, the even one.</summary>
    private static ushort ChooseNearest(ushort lower, ushort upper, int side) =>
        side < 0 || (side == 0 && lower % 2 == 0) ? lower : upper;

    private static void AssertHalf(string text, ushort expected)
    {
        Assert.True(JsonNumber.TryScan(Encoding.ASCII.GetBytes(text), out var number));
        Assert.True(HalfConverter.TryConvert(number, out var value), text);
        Assert.Equal((text, expected), (text, BitConverter.HalfToUInt16Bits(value)));
    }

    private static void AssertBFloat16(string text, ushort expected)
    {
        Assert.True(JsonNumber.TryScan(Encoding.ASCII.GetBytes(text), out var number));
        Assert.True(BFloat16Converter.TryConvert(number, out var value), text);
        Assert.Equal((text, expected), (text, value));
    }

    private static string Exactly(double value) => value.ToString("E800", CultureInfo.InvariantCulture);

    /// <summary>
    /// Scans the number at the end of the body, and before longer texts, for which the scan reads whole 64-bit words. The texts contain
    /// the characters before and after the digits in ASCII.
    /// </summary>
    private static void AssertEqualsDotNet(string text)
    {
        foreach (var rest in (string[])["", ",12345678901", "]/:/:/:/:/:", " \uFFFD\uFFFD\uFFFD\uFFFD"])
            AssertEqualsDotNet(text, rest);
    }

    private static void AssertEqualsDotNet(string text, string rest)
    {
        Assert.True(JsonNumber.TryScan(Encoding.UTF8.GetBytes(text + rest), out var number), text);
        Assert.Equal(text, Encoding.ASCII.GetString(number.Text));

        var expected = float.Parse(text, CultureInfo.InvariantCulture);
        Assert.Equal(float.IsFinite(expected), SingleConverter.TryConvert(number, out var single));
        if (float.IsFinite(expected))
            Assert.Equal((text, BitConverter.SingleToInt32Bits(expected)), (text, BitConverter.SingleToInt32Bits(single)));

        var wide = double.Parse(text, CultureInfo.InvariantCulture);
        Assert.Equal(double.IsFinite(wide), DoubleConverter.TryConvert(number, out var value));
        if (double.IsFinite(wide))
            Assert.Equal((text, BitConverter.DoubleToInt64Bits(wide)), (text, BitConverter.DoubleToInt64Bits(value)));
    }

    private static void AssertInteger<T>(Int128 value)
        where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>
    {
        var text = value.ToString(CultureInfo.InvariantCulture);
        Assert.True(JsonNumber.TryScan(Encoding.ASCII.GetBytes($"{text},12345678"), out var number));
        var isInRange = value >= Int128.CreateChecked(T.MinValue) && value <= Int128.CreateChecked(T.MaxValue);

        Assert.Equal((text, isInRange), (text, IntegerConverter<T>.TryConvert(number, out var read)));
        if (isInRange)
            Assert.Equal(value, Int128.CreateChecked(read));
    }
}
