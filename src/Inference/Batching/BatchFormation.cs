namespace Inference.Batching;

/// <summary>The facts about a waiting request that the formation of a batch depends on.</summary>
/// <param name="Items">The number of its items that no batch has taken yet.</param>
/// <param name="Splits">Whether a batch may take only some of the items.</param>
/// <param name="FitsFirst">Whether its items can share a batch with those of the first request in the queue.</param>
internal readonly record struct WaitingRequest(int Items, bool Splits, bool FitsFirst);

/// <summary>The batching policy: it selects the next batch from the waiting requests, without side effects.</summary>
internal static class BatchFormation
{
    /// <summary>
    /// Selects the items of the next batch. The first request is always included; a large one contributes at least half a batch. The other
    /// requests that fit whole follow in their order. Parts of large requests fill the remaining room, so that small requests do not wait
    /// behind them. A request that finds no room is passed over, and soon becomes the first.
    /// </summary>
    /// <param name="queue">The waiting requests; not empty.</param>
    /// <param name="waited">How long the first request has waited.</param>
    /// <param name="takes">Receives the number of items that the batch takes from each request.</param>
    /// <returns>How long to wait for more requests before the batch runs; zero to run it now.</returns>
    public static TimeSpan Form(BatchPolicy policy, int maxBatch, ReadOnlySpan<WaitingRequest> queue, TimeSpan waited, Span<int> takes)
    {
        var available = 0L;
        foreach (var request in queue)
            available += request.FitsFirst ? request.Items : 0;
        var limit = Limit(policy, maxBatch, available);
        var first = queue[0];
        takes[0] = first.Splits ? Math.Min(first.Items, (limit + 1) / 2) : first.Items;

        var room = Math.Max(0, limit - takes[0]);
        for (var i = 1; i < queue.Length; i++)
        {
            takes[i] = queue[i] is { FitsFirst: true, Splits: false } whole && whole.Items <= room ? whole.Items : 0;
            room -= takes[i];
        }

        for (var i = 0; i < queue.Length && room > 0; i++)
        {
            var more = queue[i] is { FitsFirst: true, Splits: true } large ? Math.Min(large.Items - takes[i], room) : 0;
            takes[i] += more;
            room -= more;
        }

        var enough = policy.PreferredSizes.IsEmpty ? maxBatch : Math.Min(policy.PreferredSizes[0], maxBatch);
        return available >= enough || waited >= policy.MaxDelay ? TimeSpan.Zero : policy.MaxDelay - waited;
    }

    private static int Limit(BatchPolicy policy, int maxBatch, long available)
    {
        var limit = maxBatch;
        foreach (var size in policy.PreferredSizes)
        {
            if (size <= available && size <= maxBatch)
                limit = size;
        }

        return limit;
    }
}
