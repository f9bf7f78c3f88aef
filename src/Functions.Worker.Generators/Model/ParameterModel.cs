namespace Functions.Worker.Generators.Model;

/// <summary>
/// One argument of the call. <c>Source</c> is the name of the route value or of the message's metadata, or the type that is read
/// from JSON; null for every other kind.
/// </summary>
internal sealed record ParameterModel(ParameterKind Kind, string? Source = null);
