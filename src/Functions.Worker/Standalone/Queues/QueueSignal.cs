namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// Signals a queue's listeners that this process has sent a message to the queue, so that they do not wait for their next poll.
/// </summary>
internal sealed class QueueSignal
{
    private TaskCompletionSource _next = Create();

    /// <summary>
    /// A task that completes when the next message is sent. Read this property before polling. Otherwise, a message that is sent between
    /// the poll and the read would be missed.
    /// </summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Set() => Interlocked.Exchange(ref _next, Create()).SetResult();

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
