using Functions.Worker.Generators.Model;
using Functions.Worker.Generators.Routes;

namespace Functions.Worker.Generators;

/// <summary>Checks the functions of one app against each other: names must differ, and no request may match two functions.</summary>
internal static class FunctionSetRules
{
    public static IEnumerable<Finding> Check(IEnumerable<ParsedFunction> parsed)
    {
        var earlierFunctions = new List<FunctionModel>();
        foreach (var item in parsed)
        {
            if (item.Function is not { } function)
                continue;

            foreach (var other in earlierFunctions)
            {
                if (string.Equals(function.Name, other.Name, StringComparison.OrdinalIgnoreCase))
                    yield return Finding.Create(Rules.DuplicateName, item.Span, function.Name);
                else if (FindOverlap(item.Span, function, other) is { } overlap)
                    yield return overlap;
            }

            earlierFunctions.Add(function);
        }
    }

    private static Finding? FindOverlap(SourceSpan? span, FunctionModel function, FunctionModel other)
    {
        if (function.Trigger is not HttpTriggerModel http || other.Trigger is not HttpTriggerModel otherHttp)
            return null;
        if (!SharesMethod(http, otherHttp))
            return null;

        var (route, otherRoute) = (http.Route ?? function.Name, otherHttp.Route ?? other.Name);
        return RouteTemplateParser.Parse(route, out _)!.Overlaps(RouteTemplateParser.Parse(otherRoute, out _)!)
            ? Finding.Create(Rules.Overlap, span, route, function.Name, otherRoute, other.Name)
            : null;
    }

    private static bool SharesMethod(HttpTriggerModel a, HttpTriggerModel b) =>
        a.Methods.Count == 0 || b.Methods.Count == 0 || a.Methods.Intersect(b.Methods).Any();
}
