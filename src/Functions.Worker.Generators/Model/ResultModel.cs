namespace Functions.Worker.Generators.Model;

/// <summary>The result of a function and its outputs. An HTTP function has no outputs besides its response.</summary>
internal sealed record ResultModel(ResultKind Kind, EquatableArray<OutputModel> Outputs);
