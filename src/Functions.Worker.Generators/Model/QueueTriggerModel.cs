namespace Functions.Worker.Generators.Model;

/// <summary>A <c>[QueueTrigger]</c>.</summary>
internal sealed record QueueTriggerModel(QueueModel Queue, bool IsBinary) : TriggerModel;
