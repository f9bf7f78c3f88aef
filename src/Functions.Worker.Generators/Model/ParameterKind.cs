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
    MetadataText,
    MetadataInt32,
    MetadataInt64,
    MetadataTime,
}
