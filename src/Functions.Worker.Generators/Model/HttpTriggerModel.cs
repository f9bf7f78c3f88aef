namespace Functions.Worker.Generators.Model;

/// <summary>
/// The values of an <c>[HttpTrigger]</c>. An empty list of methods means any method. A null route means the function's name.
/// </summary>
internal sealed record HttpTriggerModel(string Level, EquatableArray<string> Methods, string? Route) : TriggerModel;
