using Functions.Worker.Generators.Model;
using Functions.Worker.Generators.Routes;

namespace Functions.Worker.Generators;

/// <summary>What must hold between the functions of one app: names differ, and no request has two functions.</summary>
internal static class FunctionSetRules
{
    public static IEnumerable<Finding> Check(IEnumerable<ParsedFunction> parsed)
    {
        var earlier = new List<(FunctionModel Function, RouteTemplate Route)>();
        foreach (var item in parsed)
        {
            if (item.Function is not { } function || RouteTemplateParser.Parse(EffectiveRoute(function), out _) is not { } route)
                continue;

            foreach (var other in earlier)
            {
                if (string.Equals(function.Name, other.Function.Name, StringComparison.OrdinalIgnoreCase))
                    yield return Finding.Of(Rules.DuplicateName, item.Span, function.Name);
                else if (SharesMethod(function.Http, other.Function.Http) && route.Overlaps(other.Route))
                    yield return Overlap(item, function, other.Function);
            }

            earlier.Add((function, route));
        }
    }

    private static Finding Overlap(ParsedFunction item, FunctionModel function, FunctionModel other) => Finding.Of(
        Rules.Overlap, item.Span, EffectiveRoute(function), function.Name, EffectiveRoute(other), other.Name);

    private static string EffectiveRoute(FunctionModel function) => function.Http.Route ?? function.Name;

    private static bool SharesMethod(HttpTriggerModel a, HttpTriggerModel b) =>
        a.Methods.Count == 0 || b.Methods.Count == 0 || a.Methods.Intersect(b.Methods).Any();
}
