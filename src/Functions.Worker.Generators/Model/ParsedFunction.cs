namespace Functions.Worker.Generators.Model;

/// <summary>A function and its position, or the findings that prevent it.</summary>
internal sealed record ParsedFunction(FunctionModel? Function, SourceSpan? Span, EquatableArray<Finding> Findings);
