namespace Functions.Worker.Registry;

/// <summary>A queue trigger, which calls a function with a message instead of a request.</summary>
public sealed class MessageTrigger
{
    /// <summary>The name of the trigger's binding. A Functions host sends the message under this name.</summary>
    public required string Binding { get; init; }

    /// <summary>The queue whose messages call the function.</summary>
    public required QueueBinding Queue { get; init; }

    /// <summary>The queues that the function sends messages to.</summary>
    public IReadOnlyList<QueueBinding> Outputs { get; init; } = [];

    /// <summary>Calls the function.</summary>
    public required MessageFunction Invoke { get; init; }
}
