namespace Functions.OpenApi;

/// <summary>A parameter of a call.</summary>
/// <param name="Place">path, query or header.</param>
/// <param name="Schema">The JSON of its schema.</param>
internal sealed record ApiParameter(string Place, string Name, string? Description, string Schema);
