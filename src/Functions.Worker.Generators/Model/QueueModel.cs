namespace Functions.Worker.Generators.Model;

/// <summary>A queue as an attribute names it.</summary>
internal sealed record QueueModel(string Name, string Connection);
