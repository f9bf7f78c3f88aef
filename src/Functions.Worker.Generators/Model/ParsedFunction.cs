namespace Functions.Worker.Generators.Model;

/// <summary>A function and where it stands, or no function and the reasons.</summary>
internal sealed record ParsedFunction(FunctionModel? Function, SourceSpan? Span, EquatableArray<Finding> Findings);
