namespace Functions.Worker.Generators.Model;

/// <summary>A type named by <c>[JsonSerializable]</c>, and the context whose attribute it is.</summary>
internal sealed record JsonType(string Type, string Context);
