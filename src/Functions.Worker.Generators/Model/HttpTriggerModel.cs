namespace Functions.Worker.Generators.Model;

/// <summary>
/// An <c>[HttpTrigger]</c> as written. An empty list of methods means any method. A null route means the function's name.
/// </summary>
internal sealed record HttpTriggerModel(string Level, EquatableArray<string> Methods, string? Route) : TriggerModel;
