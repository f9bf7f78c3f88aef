using Inference.Tensors;

namespace Inference.Tests.Tensors;

public sealed class ShapeTests
{
    [Theory]
    [InlineData(new long[] { }, true, 1)]
    [InlineData(new long[] { 2, 3, 4 }, true, 24)]
    [InlineData(new long[] { 0, long.MaxValue, 3 }, true, 0)]
    [InlineData(new long[] { -1, 3 }, false, 0)]
    [InlineData(new long[] { long.MaxValue, 2 }, false, 0)]
    [InlineData(new long[] { 4294967296, 4294967296 }, false, 0)]
    public void TryCount_AnyShape_CountsOrRefuses(long[] dimensions, bool countable, long expected)
    {
        Assert.Equal(countable, new Shape(dimensions).TryCount(out var count));
        if (countable)
            Assert.Equal(expected, count);
    }

    [Fact]
    public void Equality_SameDimensions_AreEqual()
    {
        Assert.Equal(new Shape(1, 2), new Shape(1, 2));
        Assert.True(new Shape(1, 2) != new Shape(2, 1));
        Assert.Equal(default, new Shape());
        Assert.Equal(new Shape(3, 4).GetHashCode(), new Shape(3, 4).GetHashCode());
        Assert.Equal("[2,-1]", new Shape(2, Shape.Dynamic).ToString());
    }
}
