namespace Functions.Worker.Generators.Model;

/// <summary>The kinds of arguments that emitted code can pass to a function.</summary>
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
