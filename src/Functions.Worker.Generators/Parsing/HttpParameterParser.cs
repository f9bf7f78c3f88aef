using System.Collections.Immutable;
using Functions.Worker.Generators.Model;
using Functions.Worker.Generators.Routes;
using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators.Parsing;

/// <summary>Decides which argument each parameter of an HTTP function gets.</summary>
internal sealed class HttpParameterParser(string function, string routeText, RouteTemplate route, List<Finding> findings)
{
    public IEnumerable<ParameterModel> Parse(ImmutableArray<IParameterSymbol> parameters) => [.. parameters.Select(Parse)];

    private ParameterModel Parse(IParameterSymbol parameter)
    {
        var isTrigger = TriggerAttributes.FindTriggers(parameter).Any();
        if (parameter.RefKind != RefKind.None || parameter.IsParams)
            return ReportParameter(parameter, "pass it by value, without ref, out, in or params");

        var type = parameter.Type.PlainName();
        if (isTrigger && type != TypeNames.HttpRequest)
            return ReportParameter(parameter, "the parameter with [HttpTrigger] must be an ASP.NET Core HttpRequest");

        switch (type)
        {
            case TypeNames.HttpRequest when isTrigger: return new ParameterModel(ParameterKind.HttpRequest);
            case TypeNames.FunctionContext: return new ParameterModel(ParameterKind.FunctionContext);
            case TypeNames.CancellationToken: return new ParameterModel(ParameterKind.CancellationToken);
            case "string": return ParseRouteString(parameter);
            case "int": return ParseRouteNumber(parameter, ParameterKind.RouteInt32);
            case "long": return ParseRouteNumber(parameter, ParameterKind.RouteInt64);
            default:
                return ReportParameter(
                    parameter,
                    "use an HttpRequest with [HttpTrigger], FunctionContext, CancellationToken, or a route value of type string, int or "
                    + "long");
        }
    }

    private ParameterModel ParseRouteString(IParameterSymbol parameter)
    {
        if (FindRouteParameter(parameter) is not { } routeParameter)
            return Placeholder;
        if (parameter.NullableAnnotation == NullableAnnotation.Annotated)
            return new ParameterModel(ParameterKind.RouteOptionalString, routeParameter.Name);

        return routeParameter.CanBeAbsent
            ? ReportParameter(parameter, $"a path can match without '{routeParameter.Name}', so make its type 'string?'")
            : new ParameterModel(ParameterKind.RouteString, routeParameter.Name);
    }

    private ParameterModel ParseRouteNumber(IParameterSymbol parameter, ParameterKind kind)
    {
        if (FindRouteParameter(parameter) is not { } routeParameter)
            return Placeholder;

        return routeParameter.CanBeAbsent
            ? ReportParameter(
                parameter,
                $"a path can match without '{routeParameter.Name}', so make its type 'string?', or make it required in the route")
            : new ParameterModel(kind, routeParameter.Name);
    }

    private RouteParameter? FindRouteParameter(IParameterSymbol parameter)
    {
        var routeParameter = route.Find(parameter.Name);
        if (routeParameter is null)
            findings.Add(Finding.Create(Rules.NoRouteParameter, SourceSpan.From(parameter), parameter.Name, function, routeText));
        return routeParameter;
    }

    private ParameterModel ReportParameter(IParameterSymbol parameter, string reason)
    {
        findings.Add(Finding.Create(Rules.UnknownParameter, SourceSpan.From(parameter), parameter.Name, function, reason));
        return Placeholder;
    }

    /// <summary>The model of an invalid parameter. No code is emitted for a function with findings.</summary>
    private static ParameterModel Placeholder => new(ParameterKind.FunctionContext);
}
