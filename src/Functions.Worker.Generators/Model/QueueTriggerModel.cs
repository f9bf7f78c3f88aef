namespace Functions.Worker.Generators.Model;

/// <summary>A <c>[QueueTrigger]</c>.</summary>
/// <param name="IsBinary">Whether the function reads the message as bytes, and not as text or JSON.</param>
internal sealed record QueueTriggerModel(QueueModel Queue, bool IsBinary) : TriggerModel;
