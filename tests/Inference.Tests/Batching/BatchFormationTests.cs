using FsCheck.Xunit;
using Inference.Batching;

namespace Inference.Tests.Batching;

public sealed class BatchFormationTests
{
    private static readonly BatchPolicy Preferring = new() { PreferredSizes = [4, 8] };

    [Theory]
    [InlineData(new[] { 1, 2 }, new[] { 1, 2 })]
    [InlineData(new[] { 5, 4, 3 }, new[] { 5, 0, 3 })]
    [InlineData(new[] { 8, 1 }, new[] { 8, 0 })]
    [InlineData(new[] { 1000, 1 }, new[] { 7, 1 })]
    [InlineData(new[] { 1000, 5, 4 }, new[] { 4, 0, 4 })]
    [InlineData(new[] { 1, 1000, 1000 }, new[] { 1, 7, 0 })]
    [InlineData(new[] { 9, 9 }, new[] { 8, 0 })]
    public void Form_Items_TakesTheItemsThatFit(int[] items, int[] taken) =>
        Assert.Equal(taken, Form(BatchPolicy.Default, 8, items));

    [Theory]
    [InlineData(new[] { 1, 1, 1 }, new[] { 1, 1, 1 })]
    [InlineData(new[] { 1, 1, 1, 1, 1 }, new[] { 1, 1, 1, 1, 0 })]
    [InlineData(new[] { 6, 1 }, new[] { 6, 0 })]
    [InlineData(new[] { 100 }, new[] { 8 })]
    public void Form_PreferredSizes_TakesTheLargestThatIsFilled(int[] items, int[] taken) =>
        Assert.Equal(taken, Form(Preferring, 10, items));

    /// <summary>A run has at most 512 tokens including padding, and each request adds at most 16 tokens of padding.</summary>
    [Theory]
    [InlineData(new[] { 8, 256, 12, 18 }, new[] { 1, 0, 1, 1 })]
    [InlineData(new[] { 256, 8, 250, 245 }, new[] { 1, 0, 1, 0 })]
    [InlineData(new[] { 600, 600, 8 }, new[] { 1, 0, 0 })]
    [InlineData(new[] { 100, 112, 112, 120, 90 }, new[] { 1, 1, 1, 0, 0 })]
    [InlineData(new[] { 64, 64, 64, 64, 64, 64, 64, 64, 64, 64 }, new[] { 1, 1, 1, 1, 1, 1, 1, 1, 0, 0 })]
    public void Form_Tokens_JoinsSimilarLengthsWithinTheTokenLimit(int[] lengths, int[] taken) =>
        Assert.Equal(
            taken, FormTokens(32, [.. lengths.Select(length => new WaitingRequest(1, IsSplittable: false, FitsWithFirst: true, length))]));

    [Fact]
    public void Form_LargeRequestOfTokens_IsSplitByTheTokenLimit()
    {
        WaitingRequest[] queue = [new(50, IsSplittable: true, FitsWithFirst: true, Length: 100), new(1, false, true, Length: 96)];

        Assert.Equal([4, 1], FormTokens(32, queue));
        Assert.Equal([5], FormTokens(32, queue[..1]));
    }

    [Fact]
    public void Form_DelayWhenTheTokenLimitIsReached_RunsNow()
    {
        var policy = new BatchPolicy { MaxDelay = TimeSpan.FromMilliseconds(10) };

        Assert.Equal(TimeSpan.Zero, BatchFormation.Form(policy, 32, [new(1, false, true, Length: 300)], TimeSpan.Zero, new int[1]));
        Assert.Equal(
            policy.MaxDelay,
            BatchFormation.Form(
                policy, 32, [new(1, false, true, Length: 250), new(1, false, true, Length: 8)], TimeSpan.Zero, new int[2]));
    }

    [Property(MaxTest = 2000)]
    public void Form_AnyLengths_StaysWithinTheLimits((int Items, int Length)[] queue)
    {
        var requests = (queue ?? [])
            .Select(request => (Items: Math.Abs(request.Items % 40) + 1, Length: Math.Abs(request.Length % 600) + 1))
            .Select(request => new WaitingRequest(
                request.Items, IsSplittable: request.Items > BatchFormation.GetMaxItems(32, request.Length), FitsWithFirst: true,
                    request.Length))
            .ToArray();
        if (requests.Length == 0)
            return;

        var taken = FormTokens(32, requests);

        var members = requests.Zip(taken).Where(pair => pair.Second > 0).ToList();
        var (items, longest) = (taken.Sum(), members.Max(pair => pair.First.Length));
        Assert.True(taken[0] > 0);
        Assert.True(items * longest <= BatchFormation.MaxTokens || members.Count == 1);
        Assert.InRange(
            members.Sum(pair => pair.Second * (longest - pair.First.Length)), 0, BatchFormation.MaxPadding * ((2 * members.Count) - 1));
    }

    [Fact]
    public void Form_Delay_WaitsForItsRestUnlessTheBatchIsFull()
    {
        var policy = new BatchPolicy { MaxDelay = TimeSpan.FromMilliseconds(10) };
        var waited = TimeSpan.FromMilliseconds(4);

        Assert.Equal(policy.MaxDelay - waited, BatchFormation.Form(policy, 4, [new(3, false, true)], waited, new int[1]));
        Assert.Equal(
            policy.MaxDelay - waited, BatchFormation.Form(policy, 4, [new(3, false, true), new(3, false, false)], waited, new int[2]));
        Assert.Equal(TimeSpan.Zero, BatchFormation.Form(policy, 4, [new(4, false, true)], waited, new int[1]));
        Assert.Equal(TimeSpan.Zero, BatchFormation.Form(policy, 4, [new(3, false, true)], policy.MaxDelay, new int[1]));
    }

    [Property(MaxTest = 2000)]
    public void Form_AnyQueue_FillsTheBatchAndNeverExceedsIt((int Items, bool Fits)[] queue, int maxBatch)
    {
        maxBatch = 1 + (Math.Abs(maxBatch % 64));
        var requests = (queue ?? []).Select(request => Math.Abs(request.Items % 200) + 1)
            .Select((items, i) => new WaitingRequest(items, IsSplittable: items > maxBatch, FitsWithFirst: i == 0 || queue![i].Fits))
                .ToArray();
        if (requests.Length == 0)
            return;
        var taken = new int[requests.Length];

        BatchFormation.Form(BatchPolicy.Default, maxBatch, requests, TimeSpan.Zero, taken);

        var room = maxBatch - taken.Sum();
        Assert.True(taken[0] > 0);
        Assert.True(room >= 0);
        for (var i = 0; i < taken.Length; i++)
        {
            Assert.InRange(taken[i], 0, requests[i].Items);
            Assert.True(requests[i].FitsWithFirst || taken[i] == 0);
            Assert.True(requests[i].IsSplittable || taken[i] == 0 || taken[i] == requests[i].Items);
            var remaining = requests[i].Items - taken[i];
            Assert.True(!requests[i].FitsWithFirst || remaining == 0 || (requests[i].IsSplittable ? room == 0 : remaining > room));
        }
    }

    private static int[] FormTokens(int maxBatch, WaitingRequest[] queue)
    {
        var taken = new int[queue.Length];
        BatchFormation.Form(BatchPolicy.Default, maxBatch, queue, TimeSpan.Zero, taken);
        return taken;
    }

    private static int[] Form(BatchPolicy policy, int maxBatch, int[] items)
    {
        var taken = new int[items.Length];
        var queue = Array.ConvertAll(items, count => new WaitingRequest(count, IsSplittable: count > maxBatch, FitsWithFirst: true));
        Assert.Equal(TimeSpan.Zero, BatchFormation.Form(policy, maxBatch, queue, TimeSpan.Zero, taken));
        return taken;
    }
}
