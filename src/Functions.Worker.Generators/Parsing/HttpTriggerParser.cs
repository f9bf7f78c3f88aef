using Functions.Worker.Generators.Model;
using Functions.Worker.Generators.Routes;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Reads an <c>[HttpTrigger]</c> and its route.</summary>
internal static class HttpTriggerParser
{
    /// <summary>
    /// The authorization level of a trigger that specifies none. This level is also the Functions host's default, so an app has the same
    /// levels with Microsoft's SDK.
    /// </summary>
    private const string DefaultLevel = "Function";

    public static HttpTriggerModel Parse(
        string function, IParameterSymbol parameter, AttributeData trigger, List<Finding> findings, out RouteTemplate? route)
    {
        var span = SourceSpan.From(parameter);
        var level = ReadLevel(trigger);
        if (level is null)
            findings.Add(Finding.Create(Rules.Level, span, function));

        var methods = ReadMethods(trigger).ToList();
        foreach (var invalidMethod in methods.Where(method => !IsMethod(method) || methods.Count(other => other == method) > 1).Distinct())
            findings.Add(Finding.Create(Rules.Method, span, invalidMethod, function));

        var writtenRoute = trigger.GetNamedValue("Route") as string;
        writtenRoute = string.IsNullOrWhiteSpace(writtenRoute) ? null : writtenRoute;
        route = ParseRoute(writtenRoute ?? function, out var problem);
        if (problem is not null)
            findings.Add(Finding.Create(Rules.Route, span, writtenRoute ?? function, function, problem));

        return new HttpTriggerModel(level ?? "", new EquatableArray<string>(methods), writtenRoute);
    }

    private static RouteTemplate? ParseRoute(string text, out string? problem)
    {
        var route = RouteTemplateParser.Parse(text, out problem);
        // The host refuses every route that begins with "admin", even "administrators".
        if (route is not null && text.StartsWith("admin", StringComparison.OrdinalIgnoreCase))
            problem = "the Functions host reserves routes that start with 'admin', so start with another name";
        return route;
    }

    private static string? ReadLevel(AttributeData trigger)
    {
        if (trigger.ConstructorArguments.FirstOrDefault() is not { Kind: TypedConstantKind.Enum, Type: { } type } argument)
            return DefaultLevel;

        var name = type.GetMembers()
            .OfType<IFieldSymbol>().FirstOrDefault(field => field.HasConstantValue && Equals(field.ConstantValue, argument.Value))?.Name;
        return name == "User" ? null : name;
    }

    private static IEnumerable<string> ReadMethods(AttributeData trigger) =>
        trigger.ConstructorArguments.LastOrDefault() is { Kind: TypedConstantKind.Array, IsNull: false } methods
            ? methods.Values.Select(value => ((string?)value.Value ?? "").ToLowerInvariant())
            : [];

    private static bool IsMethod(string text) => text.Length > 0 && text.All(character => character is >= 'a' and <= 'z');
}
