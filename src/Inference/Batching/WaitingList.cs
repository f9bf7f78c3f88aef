using Inference.Models.Contracts;

namespace Inference.Batching;

/// <summary>The waiting requests, in the order in which they are served. Not thread-safe: the queue's lock guards the list.</summary>
internal sealed class WaitingList(BatchPolicy policy, TimeProvider time)
{
    /// <summary>
    /// The delay per priority level: a request of priority n is served as if it had arrived n steps later. Important requests are therefore
    /// served first, and no request starves.
    /// </summary>
    private static readonly TimeSpan PriorityStep = TimeSpan.FromMilliseconds(100);

    /// <summary>The lowest priority. Larger numbers are treated like this one.</summary>
    private const int LowestPriority = 100;

    private readonly List<QueuedRequest> _requests = [];

    /// <summary>The properties of the waiting requests, for <see cref="BatchFormation"/>.</summary>
    private WaitingRequest[] _snapshot = new WaitingRequest[16];
    /// <summary>For each request: the number of items that the selected batch takes.</summary>
    private int[] _itemsToTake = new int[16];

    public int Count => _requests.Count;

    /// <summary>The timestamp at which the request that waits longest has arrived; null when no request waits.</summary>
    public long? OldestArrival => _requests.Min(static request => request.QueuedAt);

    public void Insert(QueuedRequest request)
    {
        var now = time.GetTimestamp();
        request.QueuedAt ??= now;
        request.Order = now
            + (Math.Clamp(request.Priority, 0, LowestPriority) * (long)(PriorityStep.TotalSeconds * time.TimestampFrequency));
        var index = _requests.Count;
        while (index > 0 && _requests[index - 1].Order > request.Order)
            index--;
        _requests.Insert(index, request);
    }

    public void Remove(QueuedRequest request) => _requests.Remove(request);

    public bool Contains(QueuedRequest request) => _requests.Contains(request);

    /// <summary>Returns the split requests that wait: a batch has taken some of their items already.</summary>
    public IEnumerable<QueuedRequest> GetPartlyTaken() => _requests.Where(request => request.IsPartlyTaken);

    /// <summary>
    /// Returns the work ahead of a request that arrives now. The unit is an item if requests share runs, otherwise a run. A request that is
    /// split delays the other requests by only one part.
    /// </summary>
    public long CountWorkAhead(int maxBatch, BatchContract contract)
    {
        if (!contract.AllowsJoining)
            return _requests.Count;
        var items = 0L;
        foreach (var request in _requests)
            items += CountWork(request, maxBatch);
        return items;
    }

    /// <summary>
    /// Removes and returns the late requests. <paramref name="isLate"/> judges each request by the work ahead of it (see
    /// <see cref="CountWorkAhead"/>). A request stays if a batch has taken some of its items, or if another part of the same request was
    /// admitted.
    /// </summary>
    public List<QueuedRequest> TakeLate(int maxBatch, BatchContract contract, Func<long, bool> isLate)
    {
        var (late, ahead) = (new List<QueuedRequest>(), 0L);
        _requests.RemoveAll(request =>
        {
            if (!request.IsPartlyTaken && !request.IsAdmitted && isLate(ahead))
            {
                late.Add(request);
                return true;
            }

            ahead += contract.AllowsJoining ? CountWork(request, maxBatch) : 1;
            return false;
        });
        return late;
    }

    /// <summary>Selects the next batch according to the policy, for <see cref="Take"/>. The list must not be empty.</summary>
    /// <param name="contract">The contract: whether requests may share a batch, and whether large requests may be split.</param>
    /// <returns>How long the batch waits for more items; zero when it runs now.</returns>
    public TimeSpan SelectBatch(int maxBatch, BatchContract contract)
    {
        var (joins, splits) = (contract.AllowsJoining, contract.AllowsSplitting);
        if (_snapshot.Length < _requests.Count)
        {
            Array.Resize(ref _snapshot, 2 * _requests.Count);
            Array.Resize(ref _itemsToTake, 2 * _requests.Count);
        }

        var first = _requests[0];
        // A request that was queued before the contract was known runs as it was sent, and waits for no other requests.
        joins &= first.Layout is not null;
        for (var i = 0; i < _requests.Count; i++)
        {
            var fits = i == 0 || (joins && maxBatch > 1 && FitTogether(policy.Padding, first, _requests[i]));
            _snapshot[i] = new WaitingRequest(_requests[i].Remaining, splits && _requests[i].IsSplittable, fits, _requests[i].Length);
        }

        var wait = BatchFormation.Form(
            policy, maxBatch, _snapshot.AsSpan(0, _requests.Count), time.GetElapsedTime(first.QueuedAt!.Value), _itemsToTake);
        return joins ? wait : TimeSpan.Zero;
    }

    /// <summary>Takes the batch that was selected last. A request with remaining items queues again, behind the other requests.</summary>
    public List<BatchPart> Take()
    {
        var (parts, split, keptCount) = (new List<BatchPart>(), new List<QueuedRequest>(), 0);
        for (var i = 0; i < _requests.Count; i++)
        {
            var request = _requests[i];
            if (_itemsToTake[i] == 0)
            {
                _requests[keptCount++] = request;
                continue;
            }

            parts.Add(request.Take(_itemsToTake[i]));
            if (request.Remaining > 0)
                split.Add(request);
        }

        _requests.RemoveRange(keptCount, _requests.Count - keptCount);
        foreach (var request in split)
            Insert(request);
        return parts;
    }

    private static long CountWork(QueuedRequest request, int maxBatch) =>
        request.IsSplittable ? Math.Min(request.Remaining, maxBatch) : request.Remaining;

    private static bool FitTogether(Padding? padding, QueuedRequest first, QueuedRequest other) =>
        first.Layout is { } layout && other.Layout == layout && first.Outputs.AsSpan().SequenceEqual(other.Outputs)
        && RequestItems.FitTogether(layout, padding, first.Inputs, other.Inputs);
}
