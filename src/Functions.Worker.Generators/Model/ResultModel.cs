namespace Functions.Worker.Generators.Model;

/// <summary>What a function returns, and where that goes; an HTTP function has no outputs but its response.</summary>
internal sealed record ResultModel(ResultKind Kind, EquatableArray<OutputModel> Outputs);
