namespace Functions.Worker.Generators.Model;

/// <summary>The result of a function and its outputs. An HTTP function has only its response, and no outputs.</summary>
internal sealed record ResultModel(ResultKind Kind, EquatableArray<OutputModel> Outputs);
