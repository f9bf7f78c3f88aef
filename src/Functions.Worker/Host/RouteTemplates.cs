using Functions.Worker.Registry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;

namespace Functions.Worker.Host;

/// <summary>
/// Fills a request's route values. The host has matched the route and sends the path as it was, so only the called function's own
/// template is looked at.
/// </summary>
internal sealed class RouteTemplates(string routePrefix, IEnumerable<FunctionDescriptor> functions)
{
    private readonly Dictionary<string, Lazy<TemplateMatcher>> _matchers = functions
        .Where(f => f.Http is not null)
        .ToDictionary(f => f.Id, f => new Lazy<TemplateMatcher>(() => Parse($"{routePrefix}/{f.Http!.Route}")), StringComparer.Ordinal);

    public void Fill(HttpRequest request, FunctionDescriptor function)
    {
        var values = new RouteValueDictionary();
        // Values of a path that does not match are missing, and the function says so when it reads one.
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
