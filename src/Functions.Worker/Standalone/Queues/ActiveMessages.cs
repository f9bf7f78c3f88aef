namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// The messages that a listener is processing, each as its lease. A message takes one of the listener's places, unless its place was lent:
/// see <see cref="TryLendPlaces"/>.
/// </summary>
internal sealed class ActiveMessages
{
    private readonly Lock _lock = new();
    private readonly HashSet<MessageLease> _placed = [];
    private readonly HashSet<MessageLease> _lent = [];
    private TaskCompletionSource? _drained;
    private int _maxRemaining;
    private long _ended;

    /// <summary>The number of messages whose processing has ended.</summary>
    public long Ended
    {
        get
        {
            lock (_lock)
                return _ended;
        }
    }

    public void Add(MessageLease lease)
    {
        lock (_lock)
            _placed.Add(lease);
    }

    public void Remove(MessageLease lease)
    {
        lock (_lock)
        {
            _ended++;
            if (!_placed.Remove(lease))
                _lent.Remove(lease);
            CompleteWait();
        }
    }

    public IReadOnlyList<MessageLease> GetAll()
    {
        lock (_lock)
            return [.. _placed, .. _lent];
    }

    /// <summary>
    /// Lends the places of the messages that are being processed. Their processing continues, and other messages can have the places.
    /// </summary>
    /// <param name="maxLent">The maximum number of messages with lent places. The other messages keep their places.</param>
    /// <param name="active">The number of messages that are being processed.</param>
    /// <returns>Whether a place was lent.</returns>
    public bool TryLendPlaces(int maxLent, out int active)
    {
        lock (_lock)
        {
            var lent = _placed.Take(maxLent - _lent.Count).ToList();
            _placed.ExceptWith(lent);
            _lent.UnionWith(lent);
            active = _placed.Count + _lent.Count;
            CompleteWait();
            return lent.Count > 0;
        }
    }

    /// <summary>
    /// Returns a task that completes when at most <paramref name="count"/> messages have places. Only the task of the latest call
    /// completes: a new call abandons the tasks of earlier calls.
    /// </summary>
    public Task WaitUntilAtMostAsync(int count)
    {
        lock (_lock)
        {
            if (_placed.Count <= count)
                return Task.CompletedTask;
            _maxRemaining = count;
            _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    /// <summary>Returns a task that completes when no message is being processed. Messages with lent places have places again.</summary>
    public Task WaitUntilNoneAsync()
    {
        lock (_lock)
        {
            _placed.UnionWith(_lent);
            _lent.Clear();
        }

        return WaitUntilAtMostAsync(0);
    }

    /// <summary>Completes the task of the latest wait if few enough messages have places. Called under the lock.</summary>
    private void CompleteWait()
    {
        if (_drained is null || _placed.Count > _maxRemaining)
            return;
        _drained.SetResult();
        _drained = null;
    }
}
