using Inference.Batching;
using Inference.Models.Contracts;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Tests.Tensors;

/// <summary>These tests run alone, because the memory account belongs to the whole process.</summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RequestMemoryTests : IDisposable
{
    public const string Name = "Request memory";

    private const int Large = 20 << 20;

    private readonly List<RentedBytes> _rented = [];
    private readonly long _refusals = RequestMemory.Refusals;

    [Fact]
    public void Rent_BeyondTheLimit_IsRefusedUntilSomethingIsReturned()
    {
        Limit(64 << 20);
        Rent(Large);
        Rent(Large);

        var refused = Assert.Throws<InferenceException>(() => Rent(Large));
        ReturnAll();
        Rent(Large);

        Assert.Equal(InferenceError.Overloaded, refused.Error);
        Assert.True(refused.RetryAfter > TimeSpan.Zero);
    }

    [Fact]
    public void Rent_LargerThanTheLimit_IsRefusedForGood()
    {
        Limit(64 << 20);

        var refused = Assert.Throws<InferenceException>(() => Rent(60 << 20));

        Assert.Equal(InferenceError.InvalidRequest, refused.Error);
        Assert.Contains("Http__MemoryBudget", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rent_Small_UsesTheShareThatIsKeptForIt()
    {
        Limit(64 << 20);
        Rent(Large);
        Rent(Large);
        Rent(14 << 20);
        Assert.Throws<InferenceException>(() => Rent(4 << 20));

        for (var i = 0; i < 48; i++)
            Rent(RequestMemory.LargestSmall);

        Assert.Throws<InferenceException>(() =>
        {
            for (var i = 0; i < 48; i++)
                Rent(RequestMemory.LargestSmall);
        });
    }

    [Fact]
    public void Rent_TinyWhenAllIsUsed_IsNotRefused()
    {
        Limit(64 << 20);
        RequestMemory.AddUnchecked(65 << 20);
        try
        {
            Rent(4 << 10);
            Assert.Throws<InferenceException>(() => Rent(8 << 10));
        }
        finally
        {
            RequestMemory.Release(65 << 20);
        }
    }

    [Fact]
    public void Return_Large_EndsTheCountAtOnce()
    {
        Limit(64 << 20);
        var held = RequestMemory.Held;
        for (var i = 0; i < 20; i++)
        {
            Rent(Large);
            ReturnAll();
            Assert.Equal(held, RequestMemory.Held);
        }

        Assert.Equal(0, RequestMemory.Refusals - _refusals);
    }

    [Fact]
    public void Rent_MemoryIsKeptForReuse_IsFreedFirst()
    {
        Limit(64 << 20);
        for (var i = 0; i < 6; i++)
            Rent(8 << 20);
        ReturnAll();

        Rent(50 << 20);

        Assert.Equal(0, RequestMemory.Refusals - _refusals);
    }

    [Fact]
    public void Rent_AbandonedMemoryFillsTheLimit_CollectsIt()
    {
        Limit(64 << 20);
        RequestMemory.AddUnchecked(40 << 20);
        RequestMemory.Abandon(40 << 20);

        Rent(Large);
        Rent(Large);

        Assert.Equal(0, RequestMemory.Refusals - _refusals);
    }

    [Fact]
    public void Grow_InSmallSteps_IsLimitedAsALargeRequest()
    {
        Limit(64 << 20);
        var builder = new TensorBuilder(ElementType.Float32);
        try
        {
            Assert.Throws<InferenceException>(() =>
            {
                for (var i = 0; i < 16 << 20; i++)
                    builder.Append(1f);
            });
            Assert.InRange(RequestMemory.Held, 0, RequestMemory.Limit - (8 << 20));
        }
        finally
        {
            builder.Dispose();
        }
    }

    [Fact]
    public void Return_OfEverySize_EndsTheCount()
    {
        var before = RequestMemory.Used;
        foreach (var size in new[] { 0, 1, 100, 16 << 10, 20_000, 100_000, 1 << 20, 8 << 20, Large })
            Rent(size);
        Assert.True(RequestMemory.Used > before);

        ReturnAll();

        Assert.Equal(before, RequestMemory.Used);
    }

    [Fact]
    public async Task Settle_NoMemoryToBringTextsIntoTheirOrder_FailsTheRequest()
    {
        Limit(64 << 20);
        using var input = Tensor.Create<float>(ElementType.Float32, new Shape(2), [1, 2]);
        var items = new RequestItems(2, new BatchLayout([0], [0]), AreSplit: true);
        var request = new QueuedRequest([input], [0], items, default);
        BatchPart[] parts = [request.Take(1), request.Take(1)];

        foreach (var part in parts.Reverse())
        {
            using var builder = new TensorBuilder(ElementType.Bytes);
            builder.AppendBytes(new byte[16 << 20]);
            using var text = builder.Build(new Shape(1));
            request.TryGetSplitOutputs(part)!.Add(part.Start, part.Count, [text]);
            request.RemoveReader();
            request.CompletePart(part);
        }

        request.Settle();

        var exception = await Assert.ThrowsAsync<InferenceException>(() => request.Task);
        Assert.Equal(InferenceError.Overloaded, exception.Error);
    }

    [Fact]
    public void ChargeStrings_OfARequest_CountsThemUntilACollectionAfterItsEnd()
    {
        Limit(64 << 20);
        var held = RequestMemory.Held;
        var request = new PredictionRequest();

        request.ChargeStrings([new string('a', 1000), new string('b', 500)]);

        Assert.Equal(held + 3000, RequestMemory.Held);
        request.Dispose();
        Assert.Equal(held + 3000, RequestMemory.Held);
        RequestMemory.Reclaim();
        Assert.Equal(held, RequestMemory.Held);
    }

    public void Dispose()
    {
        ReturnAll();
        RequestMemory.SetLimit(long.MaxValue);
    }

    /// <summary>Sets the limit to this number of bytes beyond the memory that earlier tests still hold.</summary>
    private static void Limit(long bytes)
    {
        RequestMemory.Reclaim();
        RequestMemory.SetLimit(RequestMemory.Held + bytes);
    }

    private void Rent(int size) => _rented.Add(PooledBytes.Rent(size));

    private void ReturnAll()
    {
        _rented.ForEach(PooledBytes.Return);
        _rented.Clear();
    }
}
