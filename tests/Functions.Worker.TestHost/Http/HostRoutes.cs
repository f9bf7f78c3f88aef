using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.TestHost;

/// <summary>
/// Routes requests as the host does. Routes are tried in the order of the functions' names, and the first match wins, even if another route
/// is more specific. A route with other methods does not match.
/// </summary>
public sealed class HostRoutes
{
    private readonly IReadOnlyList<Route> _routes;

    public HostRoutes(IEnumerable<HostFunction> functions, string prefix, IComparer<string>? order = null)
    {
        using var services = new ServiceCollection().AddRouting().BuildServiceProvider();
        var constraints = services.GetRequiredService<IInlineConstraintResolver>();
        _routes = [.. functions.Where(function => function.IsHttp)
            .OrderBy(function => function.Name, order ?? StringComparer.Ordinal)
            .Select(function => new Route(function, prefix, constraints))];
    }

    public HostFunction? Match(string method, PathString path) => Match(method, path, out _);

    /// <param name="values">The values of the route's parameters.</param>
    public HostFunction? Match(string method, PathString path, out RouteValueDictionary values)
    {
        foreach (var route in _routes)
        {
            if (route.Matches(method, path, out values))
                return route.Function;
        }

        values = [];
        return null;
    }

    private sealed class Route
    {
        private readonly TemplateMatcher _matcher;
        private readonly List<(string Parameter, IRouteConstraint Constraint)> _constraints = [];

        public Route(HostFunction function, string prefix, IInlineConstraintResolver resolver)
        {
            Function = function;
            var template = TemplateParser.Parse(prefix.Length == 0 ? function.Route : $"{prefix}/{function.Route}");
            var defaults = new RouteValueDictionary();
            foreach (var parameter in template.Parameters)
            {
                if (parameter.DefaultValue is not null)
                    defaults[parameter.Name!] = parameter.DefaultValue;
                foreach (var constraint in parameter.InlineConstraints ?? [])
                    _constraints.Add((parameter.Name!, resolver.ResolveConstraint(constraint.Constraint)!));
            }

            _matcher = new TemplateMatcher(template, defaults);
        }

        public HostFunction Function { get; }

        public bool Matches(string method, PathString path, out RouteValueDictionary routeValues)
        {
            var values = routeValues = [];
            return (Function.Methods.Count == 0 || Function.Methods.Contains(method, StringComparer.OrdinalIgnoreCase))
                && _matcher.TryMatch(path, values)
                // The constraint of a missing optional parameter is not checked.
                && _constraints.TrueForAll(pair => !values.ContainsKey(pair.Parameter)
                    || pair.Constraint.Match(httpContext: null, route: null, pair.Parameter, values, RouteDirection.IncomingRequest));
        }
    }
}
