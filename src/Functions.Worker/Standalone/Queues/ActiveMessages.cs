namespace Functions.Worker.Standalone.Queues;

/// <summary>The messages that a listener is processing, each as its lease.</summary>
internal sealed class ActiveMessages
{
    private readonly Lock _lock = new();
    private readonly HashSet<MessageLease> _leases = [];
    private TaskCompletionSource? _drained;
    private int _maxRemaining;

    public void Add(MessageLease lease)
    {
        lock (_lock)
            _leases.Add(lease);
    }

    public void Remove(MessageLease lease)
    {
        lock (_lock)
        {
            _leases.Remove(lease);
            if (_drained is null || _leases.Count > _maxRemaining)
                return;
            _drained.SetResult();
            _drained = null;
        }
    }

    public IReadOnlyList<MessageLease> GetAll()
    {
        lock (_lock)
            return [.. _leases];
    }

    /// <summary>
    /// Returns a task that completes when at most <paramref name="count"/> messages are left. Only the task of the latest call completes: a
    /// new call abandons the tasks of earlier calls.
    /// </summary>
    public Task WaitUntilAtMostAsync(int count)
    {
        lock (_lock)
        {
            if (_leases.Count <= count)
                return Task.CompletedTask;
            _maxRemaining = count;
            _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }
}
