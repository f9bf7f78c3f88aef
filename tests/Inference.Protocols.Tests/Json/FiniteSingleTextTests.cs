using System.Globalization;
using System.Text;
using FsCheck.Xunit;
using Inference.Protocols.Json;

namespace Inference.Protocols.Tests.Json;

public sealed class FiniteSingleTextTests
{
    [Theory]
    [InlineData(1e-4f)]
    [InlineData(1e-5f)]
    [InlineData(123456784f)]
    [InlineData(999999936f)]
    [InlineData(1e9f)]
    [InlineData(1e10f)]
    [InlineData(16777216f)]
    [InlineData(8388608.5f)]
    [InlineData(float.Epsilon)]
    [InlineData(1.1754942E-38f)]
    [InlineData(float.MaxValue)]
    public void Write_BoundaryOfAForm_EqualsDotNet(float value) => AssertEqualsDotNet(value);

    /// <summary>.NET writes <c>-0</c>, which Python's JSON reads as an integer without a sign.</summary>
    [Fact]
    public void Write_NegativeZero_HasAPoint()
    {
        Span<byte> text = stackalloc byte[FiniteSingleText.MaxLength];
        Assert.Equal("-0.0", Encoding.ASCII.GetString(text[..FiniteSingleText.Write(text, -0f)]));
        Assert.Equal("-0.0", Encoding.ASCII.GetString(text[..DoubleText.Write(text, -0d)]));
        Assert.Equal("0", Encoding.ASCII.GetString(text[..DoubleText.Write(text, 0)]));
        AssertEqualsDotNet(0f);
    }

    [Fact]
    public void Write_PowersOfTwoAndTheirNeighbours_EqualDotNet()
    {
        for (var exponent = -149; exponent < 128; exponent++)
        {
            var power = MathF.ScaleB(1, exponent);
            AssertEqualsDotNet(power);
            AssertEqualsDotNet(MathF.BitIncrement(power));
            AssertEqualsDotNet(MathF.BitDecrement(power));
        }
    }

    [Property(MaxTest = 2_000)]
    public void Write_AnyBits_EqualDotNetAndReadBackBitForBit(int bits) => AssertEqualsDotNet(BitConverter.Int32BitsToSingle(bits));

    [Fact]
    public void Write_FloatsAcrossTheWholeRange_EqualDotNet()
    {
        // The step is prime, so that all exponents and many different significands occur.
        for (var bits = 0L; bits < 0x7F800000; bits += 10_007)
            AssertEqualsDotNet(BitConverter.Int32BitsToSingle((int)bits));
    }

    private static void AssertEqualsDotNet(float value)
    {
        if (!float.IsFinite(value) || (value == 0 && float.IsNegative(value)))
            return;
        Span<byte> text = stackalloc byte[FiniteSingleText.MaxLength];
        var written = Encoding.ASCII.GetString(text[..FiniteSingleText.Write(text, value)]);

        Assert.Equal(value.ToString(CultureInfo.InvariantCulture), written);
        Assert.Equal(
            BitConverter.SingleToInt32Bits(value), BitConverter.SingleToInt32Bits(float.Parse(written, CultureInfo.InvariantCulture)));
    }
}
