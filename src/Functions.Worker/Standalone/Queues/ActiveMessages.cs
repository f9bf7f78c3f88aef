namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// The messages that a listener is processing, each as its lease. A message takes one of the listener's places, unless its place was lent:
/// see <see cref="LendPlaces"/>.
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
    /// Lends the places of all messages that are being processed. Their processing continues, and other messages can have the places.
    /// </summary>
    /// <returns>The number of lent places.</returns>
    public int LendPlaces()
    {
        lock (_lock)
        {
            var count = _placed.Count;
            _lent.UnionWith(_placed);
            _placed.Clear();
            CompleteWait();
            return count;
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
