namespace Functions.Worker.Generators.Model;

/// <summary>
/// A parsed method and its position. The function is null if there are findings, which describe the problems of the method.
/// </summary>
internal sealed record ParsedFunction(FunctionModel? Function, SourceSpan? Span, EquatableArray<Finding> Findings);
