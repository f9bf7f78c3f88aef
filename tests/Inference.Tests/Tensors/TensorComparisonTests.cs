using Inference.Tensors;

namespace Inference.Tests.Tensors;

public sealed class TensorComparisonTests
{
    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float64)]
    public void AreClose_FloatingPoint_AddsBothTolerances(ElementType type)
    {
        using var tensor = Create(type, 1, -2.0625f, float.NaN, float.PositiveInfinity);
        using var reference = Create(type, 1, -2, float.NaN, float.PositiveInfinity);

        Assert.True(TensorComparison.AreClose(tensor, reference, absolute: 0.0625, relative: 0, out var largest));
        Assert.True(TensorComparison.AreClose(tensor, reference, absolute: 0.01, relative: 0.03, out _));
        Assert.False(TensorComparison.AreClose(tensor, reference, absolute: 0.01, relative: 0.02, out _));
        Assert.Equal(0.0625, largest);
    }

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float64)]
    public void AreClose_NotFinite_IsCloseOnlyToItself(ElementType type)
    {
        float[] values = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, 1];
        foreach (var value in values)
        {
            foreach (var other in values)
            {
                using var tensor = Create(type, value);
                using var reference = Create(type, other);

                var areClose = TensorComparison.AreClose(tensor, reference, absolute: 1, relative: 1, out var largest);

                Assert.Equal((value.Equals(other), 0.0), (areClose, largest));
            }
        }
    }

    [Theory]
    [InlineData(ElementType.Float16)]
    [InlineData(ElementType.BFloat16)]
    [InlineData(ElementType.Float32)]
    [InlineData(ElementType.Float64)]
    public void GetMagnitude_FloatingPoint_IsTheLargestFiniteOne(ElementType type)
    {
        using var tensor = Create(type, 1, -2, float.NaN, float.NegativeInfinity);
        using var none = Create(type, float.NaN);

        Assert.Equal(2.0, TensorComparison.GetMagnitude(tensor));
        Assert.Null(TensorComparison.GetMagnitude(none));
    }

    private static Tensor Create(ElementType type, params float[] values)
    {
        var shape = new Shape(values.Length);
        return type switch
        {
            ElementType.Float16 => Tensor.Create<Half>(type, shape, [.. values.Select(value => (Half)value)]),
            ElementType.BFloat16 =>
                Tensor.Create<ushort>(type, shape, [.. values.Select(value => (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16))]),
            ElementType.Float64 => Tensor.Create<double>(type, shape, [.. values.Select(value => (double)value)]),
            _ => Tensor.Create<float>(type, shape, values),
        };
    }
}
