using Inference.Tensors;

namespace Inference.Tests.Tensors;

public sealed class PooledBytesTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1 << 20)]
    [InlineData((1 << 20) + 1)]
    [InlineData((4 << 20) - 1)]
    [InlineData(PooledBytes.LargestPooled)]
    [InlineData(PooledBytes.LargestPooled + 1)]
    public void Rent_AnyLength_IsLongEnoughAndCanBeReturned(int length)
    {
        var array = PooledBytes.Rent(length);

        Assert.True(array.Length >= length);
        PooledBytes.Return(array);
    }

    [Fact]
    public void Return_BeyondTheLargestPooled_IsCounted()
    {
        var before = PooledBytes.Abandoned;

        PooledBytes.Return(PooledBytes.Rent(PooledBytes.LargestPooled + 1));

        Assert.True(PooledBytes.Abandoned - before > PooledBytes.LargestPooled);
    }
}
