namespace Functions.Worker.Generators.Model;

/// <summary>The method that implements a function.</summary>
/// <param name="Services">The types of the constructor's parameters, which are services; null for a static method.</param>
internal sealed record FunctionTarget(string Type, string Method, EquatableArray<string>? Services);
