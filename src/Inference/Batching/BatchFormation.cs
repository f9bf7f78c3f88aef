namespace Inference.Batching;

/// <summary>The properties of a waiting request that decide how a batch is formed.</summary>
/// <param name="Items">The number of the request's items that no batch has taken yet.</param>
/// <param name="IsSplittable">Whether a batch may take only some of the items.</param>
/// <param name="FitsWithFirst">Whether the request's items can share a batch with the items of the first request in the queue.</param>
/// <param name="Length">The number of tokens of each item; 0 for items that are not texts.</param>
internal readonly record struct WaitingRequest(int Items, bool IsSplittable, bool FitsWithFirst, int Length = 0);

/// <summary>The batching policy: it selects the next batch from the waiting requests, without side effects.</summary>
internal static class BatchFormation
{
    /// <summary>
    /// The maximum number of tokens of a batch, padding included. Larger batches gain nothing in the matrix kernels, need more memory, and
    /// make short texts wait longer for a slot. An item with more tokens is a batch of its own.
    /// </summary>
    public const int MaxTokens = 512;

    /// <summary>
    /// The maximum number of tokens of padding that a request may add to a batch. A separate run reads all weights of the model once more.
    /// The read takes about as long as computing this many tokens, for models of any size. With more padding, the separate run is faster.
    /// </summary>
    public const int MaxPadding = 16;

    /// <summary>
    /// Forms the next batch. The first request always runs. If the first request is splittable, half of the batch is reserved for its
    /// items. Requests that fit as a whole are added next, in their order. Parts of splittable requests fill the rest. A small request
    /// therefore need not wait behind the parts of a large request. Requests whose items have tokens fit only within
    /// <see cref="MaxTokens"/> and <see cref="MaxPadding"/>. A request that does not fit is skipped, and soon becomes the first.
    /// <para>Example: a batch of at most 8 items takes 6 items of a splittable request of 20, and the 2 items of the next request.</para>
    /// </summary>
    /// <param name="queue">The waiting requests; not empty.</param>
    /// <param name="waited">How long the first request has waited.</param>
    /// <param name="taken">
    /// Receives the number of items that the batch takes from each request. The span must be at least as long as <paramref name="queue"/>.
    /// </param>
    /// <returns>How long to wait for more requests before the batch runs; zero to run it now.</returns>
    public static TimeSpan Form(BatchPolicy policy, int maxBatch, ReadOnlySpan<WaitingRequest> queue, TimeSpan waited, Span<int> taken)
    {
        var first = queue[0];
        var maxItems = GetMaxItems(maxBatch, first.Length);
        var available = 0L;
        foreach (var request in queue)
            available += request.FitsWithFirst && Math.Abs(request.Length - first.Length) <= MaxPadding ? request.Items : 0;
        var room = new Room(GetBatchLimit(policy, maxItems, available));
        taken[0] = first.IsSplittable ? Math.Min(first.Items, (room.Items + 1) / 2) : first.Items;
        room.Take(taken[0], first.Length);

        for (var i = 1; i < queue.Length; i++)
        {
            taken[i] = queue[i] is { FitsWithFirst: true, IsSplittable: false } whole && whole.Items <= room.CountFitting(whole.Length)
                ? whole.Items : 0;
            room.Take(taken[i], queue[i].Length);
        }

        for (var i = 0; i < queue.Length && room.Items > 0; i++)
        {
            var part = queue[i] is { FitsWithFirst: true, IsSplittable: true } large
                ? Math.Min(large.Items - taken[i], room.CountFitting(large.Length))
                : 0;
            taken[i] += part;
            room.Take(part, queue[i].Length);
        }

        var enoughItems = policy.PreferredSizes.IsEmpty ? maxItems : Math.Min(policy.PreferredSizes[0], maxItems);
        return available >= enoughItems || waited >= policy.MaxDelay ? TimeSpan.Zero : policy.MaxDelay - waited;
    }

    /// <summary>Returns the maximum number of items of a batch, if each item has <paramref name="length"/> tokens.</summary>
    /// <param name="length">The number of tokens of an item; 0 for items that are not texts.</param>
    public static int GetMaxItems(int maxBatch, int length) =>
        length == 0 ? maxBatch : Math.Min(maxBatch, Math.Max(1, MaxTokens / length));

    private static int GetBatchLimit(BatchPolicy policy, int maxBatch, long available)
    {
        var limit = maxBatch;
        foreach (var size in policy.PreferredSizes)
        {
            if (size <= available && size <= maxBatch)
                limit = size;
        }

        return limit;
    }

    /// <summary>The room that is left in a batch.</summary>
    private struct Room(int items)
    {
        private int _taken;
        private int _longest;

        public int Items { get; private set; } = Math.Max(0, items);

        /// <summary>Returns how many more items of this length fit into the batch.</summary>
        public readonly int CountFitting(int length)
        {
            if (length == 0 || Items == 0)
                return Items;
            var longest = Math.Max(length, _longest);
            // If this length exceeds all lengths so far, every item in the batch needs padding.
            var padding = MaxPadding - ((long)_taken * (longest - _longest));
            if (padding < 0)
                return 0;
            var room = Math.Min(Items, (MaxTokens / longest) - _taken);
            return Math.Max(0, longest == length ? room : (int)Math.Min(room, padding / (longest - length)));
        }

        public void Take(int items, int length)
        {
            if (items == 0)
                return;
            Items = Math.Max(0, Items - items);
            _taken += items;
            _longest = Math.Max(_longest, length);
        }
    }
}
