namespace Functions.Worker.Generators.Model;

/// <summary>An <c>[HttpTrigger]</c> as written; no methods means any method, no route means the function's name.</summary>
internal sealed record HttpTriggerModel(string Level, EquatableArray<string> Methods, string? Route) : TriggerModel;
