namespace Inference.Batching;

/// <summary>What is known of a waiting request when a batch is formed.</summary>
/// <param name="Items">Items of it that no batch has taken.</param>
/// <param name="Splits">Whether a batch may take some of them and leave the others.</param>
/// <param name="FitsFirst">Whether its items can share a batch with those of the first request in the queue.</param>
internal readonly record struct WaitingRequest(int Items, bool Splits, bool FitsFirst);

/// <summary>The policy of batching: from what waits to the next batch, and nothing else.</summary>
internal static class BatchFormation
{
    /// <summary>
    /// The first request always goes; the others that fit follow in their order as far as there is room. A request that may not be
    /// split and finds no room is passed over, and is the first soon.
    /// </summary>
    /// <param name="queue">Not empty.</param>
    /// <param name="waited">How long the first has waited.</param>
    /// <param name="takes">Set to the items that the batch takes of each request.</param>
    /// <returns>How long to wait for more before the batch runs; zero when it is to run now.</returns>
    public static TimeSpan Form(BatchPolicy policy, int maxBatch, ReadOnlySpan<WaitingRequest> queue, TimeSpan waited, Span<int> takes)
    {
        var available = 0L;
        foreach (var request in queue)
            available += request.FitsFirst ? request.Items : 0;
        var limit = Limit(policy, maxBatch, available);
        if (!queue[0].Splits)
            limit = Math.Max(limit, queue[0].Items);

        var total = 0;
        for (var i = 0; i < queue.Length; i++)
        {
            var room = limit - total;
            takes[i] = !queue[i].FitsFirst ? 0
                : queue[i].Items <= room ? queue[i].Items
                : queue[i].Splits ? room
                : 0;
            total += takes[i];
        }

        var enough = policy.PreferredSizes.IsEmpty ? maxBatch : policy.PreferredSizes[0];
        return total >= Math.Min(enough, maxBatch) || waited >= policy.MaxDelay ? TimeSpan.Zero : policy.MaxDelay - waited;
    }

    private static int Limit(BatchPolicy policy, int maxBatch, long available)
    {
        var limit = 0;
        foreach (var size in policy.PreferredSizes)
        {
            if (size <= available && size <= maxBatch)
                limit = size;
        }

        return limit > 0 ? limit : maxBatch;
    }
}
