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
        var memory = PooledBytes.Rent(length);

        Assert.True(memory.Length >= length);
        Assert.Equal(memory.Length, memory.Span.Length);
        Assert.Equal(memory.Length, memory.Memory.Length);
        memory.Span.Fill(1);
        PooledBytes.Return(memory);
    }

    [Theory]
    [InlineData(100, 1000)]
    [InlineData(10_000, 20_000)]
    [InlineData(20_000, 1 << 20)]
    [InlineData(1 << 20, 1 << 23)]
    [InlineData(1 << 23, (1 << 23) + 1)]
    [InlineData(10_000_000, 10_000_001)]
    [InlineData(10_000_000, 100_000_000)]
    public void Grow_AnyLength_KeepsTheFirstBytes(int used, int length)
    {
        var memory = PooledBytes.Rent(used);
        var random = new Random(used);
        random.NextBytes(memory.Span[..used]);
        var expected = memory.Span[..used].ToArray();

        memory = PooledBytes.Grow(memory, used, length);

        Assert.True(memory.Length >= length);
        Assert.Equal(expected, memory.Span[..used]);
        memory.Span.Fill(1);
        PooledBytes.Return(memory);
    }

    [Fact]
    public void Return_Twice_IsRefused()
    {
        var memory = PooledBytes.Rent(PooledBytes.LargestPooled + 1);
        PooledBytes.Return(memory);

        Assert.Throws<InvalidOperationException>(() => PooledBytes.Return(memory));
    }

    [Fact]
    public void Memory_AfterItsReturn_IsRefused()
    {
        var memory = PooledBytes.Rent(PooledBytes.LargestPooled + 1);
        var slice = memory.Memory[10..20];
        PooledBytes.Return(memory);

        Assert.Throws<ObjectDisposedException>(() => slice.Span.Length);
        Assert.Throws<ObjectDisposedException>(() => slice.Pin());
    }
}
