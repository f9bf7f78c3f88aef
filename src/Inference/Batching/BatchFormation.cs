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
    /// The first request always goes, a large one with half a batch at least. Then come the others that go whole and fit, in their
    /// order, and parts of large ones fill up what room is left: so a small request need not wait behind the parts of a large
    /// one. One that finds no room is passed over, and is the first soon.
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
