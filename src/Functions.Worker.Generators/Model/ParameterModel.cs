namespace Functions.Worker.Generators.Model;

/// <summary>
/// One argument of the call. <c>Source</c> is the name of a route value or of a message's metadata, or the type that is read from JSON. It
/// is null for every other kind.
/// </summary>
internal sealed record ParameterModel(ParameterKind Kind, string? Source = null);
