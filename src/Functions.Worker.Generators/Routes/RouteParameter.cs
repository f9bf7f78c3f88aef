namespace Functions.Worker.Generators.Routes;

/// <summary>A parameter of a route template: <c>{name}</c>, <c>{name?}</c>, <c>{name=default}</c>, <c>{*name}</c>.</summary>
internal sealed record RouteParameter(string Name, bool IsOptional, bool IsCatchAll, bool HasDefault)
{
    /// <summary>Whether a path can match without a value for the parameter, so that the function receives null.</summary>
    public bool CanBeAbsent => (IsOptional || IsCatchAll) && !HasDefault;

    public static RouteParameter Parse(string text)
    {
        var name = text.TrimStart('*');
        var isOptional = name.EndsWith("?", StringComparison.Ordinal);
        var end = name.IndexOfAny([':', '=', '?']);
        var constraints = end < 0 ? "" : name.Substring(end);
        // The default follows the constraints, which can contain '=' only inside parentheses: {id:regex(a=b)=5} has the default 5.
        var hasDefault = constraints.IndexOf('=', constraints.LastIndexOf(')') + 1) >= 0;
        return new RouteParameter(end < 0 ? name : name.Substring(0, end), isOptional, text.Length > name.Length, hasDefault);
    }
}
