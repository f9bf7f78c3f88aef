namespace Functions.OpenApi;

/// <summary>A parameter of a call that is not in its path.</summary>
/// <param name="Place">query or header.</param>
/// <param name="Schema">The parameter's schema as JSON.</param>
internal sealed record ApiParameter(string Place, string Name, string Description, string Schema);
