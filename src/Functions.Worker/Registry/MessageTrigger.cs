namespace Functions.Worker.Registry;

/// <summary>A trigger that hands a function data instead of a request: a queue's message, or a timer's tick.</summary>
public sealed class MessageTrigger
{
    /// <summary>The name of the trigger's binding, under which a Functions host sends its data.</summary>
    public required string Binding { get; init; }

    /// <summary>The queue of a queue trigger; null for a timer.</summary>
    public QueueBinding? Queue { get; init; }

    /// <summary>The queues the function sends messages to.</summary>
    public IReadOnlyList<QueueBinding> Outputs { get; init; } = [];

    public required MessageFunction Invoke { get; init; }
}
