namespace Functions.Worker.Generators.Model;

/// <summary>A queue in an attribute.</summary>
internal sealed record QueueModel(string Name, string Connection);
