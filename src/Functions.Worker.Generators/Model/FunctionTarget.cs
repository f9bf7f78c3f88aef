namespace Functions.Worker.Generators.Model;

/// <summary>The method to call, and the services for the constructor of its class; null for a static method.</summary>
internal sealed record FunctionTarget(string Type, string Method, EquatableArray<string>? Services);
