namespace Functions.Worker.Generators.Model;

/// <summary>
/// One argument of the call. <c>Source</c> is the name of a route parameter or of a metadata entry, or the type that is read from JSON.
/// <c>Source</c> is null for every other kind.
/// </summary>
internal sealed record ParameterModel(ParameterKind Kind, string? Source = null);
