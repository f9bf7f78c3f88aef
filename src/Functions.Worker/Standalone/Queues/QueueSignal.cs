namespace Functions.Worker.Standalone.Queues;

/// <summary>Tells the listeners of a queue that this process has sent a message to it, so that they do not wait for their next poll.</summary>
internal sealed class QueueSignal
{
    private TaskCompletionSource _next = Create();

    /// <summary>Completed by the next message; to be taken before the queue is asked.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Set() => Interlocked.Exchange(ref _next, Create()).SetResult();

    private static TaskCompletionSource Create() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
