namespace Functions.OpenApi;

/// <summary>A parameter of an operation of the API.</summary>
/// <param name="Location">The place of the parameter in the request: path, query or header.</param>
/// <param name="Schema">The parameter's schema as JSON.</param>
internal sealed record ApiParameter(string Location, string Name, string? Description, string Schema);
