namespace Functions.Worker.Generators.Model;

/// <summary>A type in a <c>[JsonSerializable]</c> attribute, and the context that has the attribute.</summary>
internal sealed record JsonType(string Type, string Context);
