namespace Functions.Worker.Generators.Model;

/// <summary>The method to call, and the services its class is constructed with; null for a static method.</summary>
internal sealed record FunctionTarget(string Type, string Method, EquatableArray<string>? Services);
