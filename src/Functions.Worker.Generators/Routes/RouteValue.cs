namespace Functions.Worker.Generators.Routes;

/// <summary>The placeholder of a route value in a template: <c>{name}</c>, <c>{name?}</c>, <c>{name=default}</c>, <c>{*name}</c>.</summary>
internal sealed record RouteValue(string Name, bool IsOptional, bool IsCatchAll, bool HasDefault)
{
    /// <summary>Whether a path can match without the value, so that the function receives null.</summary>
    public bool CanBeAbsent => (IsOptional || IsCatchAll) && !HasDefault;

    public static RouteValue Parse(string text)
    {
        var name = text.TrimStart('*');
        var isOptional = name.EndsWith("?", StringComparison.Ordinal);
        var end = name.IndexOfAny([':', '=', '?']);
        var constraints = end < 0 ? "" : name.Substring(end);
        // The default follows the constraints, which can contain '=' only inside parentheses: {id:regex(a=b)=5} has the default 5.
        var hasDefault = constraints.IndexOf('=', constraints.LastIndexOf(')') + 1) >= 0;
        return new RouteValue(end < 0 ? name : name.Substring(0, end), isOptional, text.Length > name.Length, hasDefault);
    }
}
