namespace Functions.Worker.Generators.Model;

/// <summary>A parsed method: its function and its position, or the findings because of which there is no function.</summary>
internal sealed record ParsedFunction(FunctionModel? Function, SourceSpan? Span, EquatableArray<Finding> Findings);
