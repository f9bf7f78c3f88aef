using Inference.Shadow;
using Inference.Tensors;

namespace Inference.Tests.Shadow;

public sealed class ShadowComparisonTests
{
    [Theory]
    [InlineData(1, 1, true)]
    [InlineData(1000, 1000.9, true)]
    [InlineData(1000, 1001.2, false)]
    [InlineData(0, 0.000009, true)]
    [InlineData(0, 0.00002, false)]
    [InlineData(double.NaN, double.NaN, true)]
    [InlineData(double.NaN, 1, false)]
    [InlineData(1, double.NaN, false)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity, true)]
    [InlineData(1, double.PositiveInfinity, false)]
    public void AreAlike_OfEveryFloatingPointType_AllowsTheTolerance(double response, double shadow, bool expected)
    {
        Assert.Equal(expected, AreAlike(Doubles(shadow), Doubles(response), out _));
        Assert.Equal(expected, AreAlike(Floats((float)shadow), Floats((float)response), out _));
    }

    [Theory]
    [InlineData(ElementType.Float16, 0x3C00, 0x3C01, true)]
    [InlineData(ElementType.Float16, 0x3C00, 0x3C02, false)]
    [InlineData(ElementType.BFloat16, 0x3F80, 0x3F80, true)]
    [InlineData(ElementType.BFloat16, 0x3F80, 0x3F81, false)]
    [InlineData(ElementType.Int16, 10000, 10000, true)]
    [InlineData(ElementType.Int16, 10000, 10001, false)]
    public void AreAlike_OfTwoBytes_ReadsThemAsTheirType(ElementType type, int response, int shadow, bool expected) =>
        Assert.Equal(expected, AreAlike(Shorts(type, shadow), Shorts(type, response), out _));

    [Fact]
    public void AreAlike_Floats_ReportsTheLargestFiniteDifference()
    {
        AreAlike(Floats(1, 2, float.PositiveInfinity), Floats(1.5f, 4, 0), out var largest);

        Assert.Equal(2, largest);
    }

    [Fact]
    public void AreAlike_OtherShapeTypeOrName_IsDifferent()
    {
        Assert.False(AreAlike(Floats(1), Floats(1, 1), out _));
        Assert.False(AreAlike(Floats(1), Doubles(1), out _));
        Assert.False(ShadowComparison.AreAlike([new NamedTensor("y", Floats(1))], [new NamedTensor("z", Floats(1))], out _));
        Assert.False(ShadowComparison.AreAlike([], [new NamedTensor("z", Floats(1))], out _));
    }

    private static bool AreAlike(Tensor shadow, Tensor response, out double largest) =>
        ShadowComparison.AreAlike([new NamedTensor("y", shadow)], [new NamedTensor("y", response)], out largest);

    private static Tensor Floats(params float[] values) => Tensor.Create<float>(ElementType.Float32, new Shape(values.Length), values);

    private static Tensor Doubles(params double[] values) => Tensor.Create<double>(ElementType.Float64, new Shape(values.Length), values);

    private static Tensor Shorts(ElementType type, int value) => Tensor.Create<ushort>(type, new Shape(1), [(ushort)value]);
}
