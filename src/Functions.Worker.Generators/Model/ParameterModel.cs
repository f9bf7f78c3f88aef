namespace Functions.Worker.Generators.Model;

/// <summary>One argument of the call; <c>RouteValue</c> is the name in the template, null for what is not a route value.</summary>
internal sealed record ParameterModel(ParameterKind Kind, string? RouteValue);
