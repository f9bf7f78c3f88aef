namespace Functions.Worker.Generators.Model;

/// <summary>An <c>[HttpTrigger]</c> as written. No methods means any method, and no route means the function's name.</summary>
internal sealed record HttpTriggerModel(string Level, EquatableArray<string> Methods, string? Route) : TriggerModel;
