using Functions.Worker.Registry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;

namespace Functions.Worker.Host;

/// <summary>
/// Sets the route values of requests. The host has already matched the route and forwards the original path, so only the template of the
/// called function is parsed.
/// </summary>
internal sealed class RouteTemplates(string routePrefix, IEnumerable<FunctionDescriptor> functions)
{
    private readonly Dictionary<string, Lazy<TemplateMatcher>> _matchers = functions
        .Where(f => f.Http is not null)
        .ToDictionary(f => f.Id, f => new Lazy<TemplateMatcher>(() => Parse($"{routePrefix}/{f.Http!.Route}")), StringComparer.Ordinal);

    /// <summary>Sets the route values of a request for a function.</summary>
    public void SetRouteValues(HttpRequest request, FunctionDescriptor function)
    {
        var values = new RouteValueDictionary();
        // A path that does not match leaves the values empty. The generated code reports a missing value when it reads the value.
        if (_matchers[function.Id].Value.TryMatch(request.Path, values))
            request.RouteValues = values;
    }

    private static TemplateMatcher Parse(string template)
    {
        var parsed = TemplateParser.Parse(template.TrimStart('/'));
        var defaults = new RouteValueDictionary();
        foreach (var parameter in parsed.Parameters)
        {
            if (parameter is { Name: { } name, DefaultValue: { } value })
                defaults[name] = value;
        }

        return new TemplateMatcher(parsed, defaults);
    }
}
