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
    MessageText,
    MessageBytes,
    MessageMemory,
    MessageJson,
    Timer,
    MetadataText,
    MetadataInt32,
    MetadataInt64,
    MetadataTime,
}
