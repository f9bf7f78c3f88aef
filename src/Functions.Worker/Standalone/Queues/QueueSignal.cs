namespace Functions.Worker.Standalone.Queues;

/// <summary>
/// Signals a queue's listeners that this process has sent a message to the queue, so that they do not wait for their next poll.
/// </summary>
internal sealed class QueueSignal
{
    private TaskCompletionSource _next = Create();

    /// <summary>
    /// A task that the next sent message completes. Read this property before polling: a message that is sent in between would otherwise be
    /// missed.
    /// </summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Set() => Interlocked.Exchange(ref _next, Create()).SetResult();

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
