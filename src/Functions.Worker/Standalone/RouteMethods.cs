using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;

namespace Functions.Worker.Standalone;

/// <summary>
/// Finds the methods of a path. The routing itself compares segments such as <c>{model}:predict</c> only after it has chosen the method, so
/// its 405 lists the methods of routes that do not match the path.
/// </summary>
internal sealed class RouteMethods
{
    private readonly List<(string Pattern, IEnumerable<string> Methods)> _routes = [];

    /// <summary>The parsed routes. They are parsed at the first 405, because most servers send none.</summary>
    private readonly Lazy<List<ParsedRoute>> _parsedRoutes;

    public RouteMethods() => _parsedRoutes = new(() => [.. _routes.Select(route => Parse(route.Pattern, route.Methods))]);

    /// <summary>Adds a route. Call this for all routes before the first request.</summary>
    public void Add(string pattern, IEnumerable<string> methods) => _routes.Add((pattern, methods));

    /// <summary>
    /// Returns the methods of a path, separated by commas; null for a path without a route. A path of <c>{model}:predict</c> is not a path
    /// of <c>{model}</c>, although both match.
    /// </summary>
    public string? Find(PathString path)
    {
        var matches = _parsedRoutes.Value.Where(route => route.Matcher.TryMatch(path, new RouteValueDictionary())).ToList();
        if (matches.Count == 0)
            return null;
        var mixedSegments = matches.Max(route => route.MixedSegments);
        return string.Join(
            ", ", matches.Where(route => route.MixedSegments == mixedSegments).SelectMany(route => route.Methods).Distinct());
    }

    private static ParsedRoute Parse(string pattern, IEnumerable<string> methods)
    {
        var template = TemplateParser.Parse(pattern);
        return new ParsedRoute(
            new TemplateMatcher(template, new RouteValueDictionary()), template.Segments.Count(segment => !segment.IsSimple), methods);
    }

    /// <summary>A route that can be compared with paths.</summary>
    /// <param name="MixedSegments">The number of segments that have both a parameter and fixed text.</param>
    private sealed record ParsedRoute(TemplateMatcher Matcher, int MixedSegments, IEnumerable<string> Methods);
}
