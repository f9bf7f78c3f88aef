namespace Functions.Worker.Generators.Model;

/// <summary>The trigger of a function.</summary>
internal abstract record TriggerModel;
