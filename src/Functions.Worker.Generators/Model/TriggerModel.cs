namespace Functions.Worker.Generators.Model;

/// <summary>What calls a function.</summary>
internal abstract record TriggerModel;
