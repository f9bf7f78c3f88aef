namespace Functions.Worker.Generators.Model;

internal enum ParameterKind
{
    HttpRequest,
    FunctionContext,
    CancellationToken,
    RouteString,
    RouteOptionalString,
    RouteInt32,
    RouteInt64,
}
