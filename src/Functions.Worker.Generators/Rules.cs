using Microsoft.CodeAnalysis;

namespace Functions.Worker.Generators;

/// <summary>
/// The diagnostics. All of them are errors, because a warning is easily overlooked. A missing function, or a call without effect, would
/// then be noticed only at run time.
/// </summary>
internal static class Rules
{
    public static readonly DiagnosticDescriptor NoTrigger = Rule(
        "AFW001",
        "Function without a trigger",
        "Function '{0}' has no trigger: add [HttpTrigger] or [QueueTrigger] to the parameter for the request or message");

    public static readonly DiagnosticDescriptor SeveralTriggers = Rule(
        "AFW002", "Function with several triggers",
        "Function '{0}' has more than one trigger: keep one, and make a second function for the other");

    public static readonly DiagnosticDescriptor UnknownParameter = Rule(
        "AFW003", "Parameter cannot be bound", "Parameter '{0}' of function '{1}' cannot be bound: {2}");

    public static readonly DiagnosticDescriptor ReturnType = Rule(
        "AFW004", "Return type is not supported", "Function '{0}' returns '{1}': {2}");

    public static readonly DiagnosticDescriptor FunctionName = Rule(
        "AFW005",
        "Function name is invalid",
        "'{0}' is not a function name: write 1 to 128 letters, digits, '_' and '-', begin with a letter, and do not use 'host'");

    public static readonly DiagnosticDescriptor DuplicateName = Rule(
        "AFW006", "Function name is used twice", "Function name '{0}' is used twice (case is ignored): rename one of the functions");

    public static readonly DiagnosticDescriptor FunctionClass = Rule(
        "AFW007", "Type cannot hold functions", "Type '{0}' cannot hold functions: {1}");

    public static readonly DiagnosticDescriptor Constructor = Rule(
        "AFW008", "Function class cannot be constructed", "Function class '{0}' cannot be constructed: {1}");

    public static readonly DiagnosticDescriptor FunctionMethod = Rule(
        "AFW009", "Function method cannot be called",
        "Function method '{0}' cannot be called: make it a public, non-generic method with a body");

    public static readonly DiagnosticDescriptor Route = Rule(
        "AFW010", "Route is invalid", "Route '{0}' of function '{1}' is invalid: {2}");

    public static readonly DiagnosticDescriptor NoRouteParameter = Rule(
        "AFW011",
        "Parameter is missing in the route",
        "Parameter '{0}' of function '{1}' is missing in route '{2}': add '{{{0}}}' to the route, or remove the parameter");

    public static readonly DiagnosticDescriptor Overlap = Rule(
        "AFW012",
        "Routes overlap",
        "Routes '{0}' of function '{1}' and '{2}' of function '{3}' match a common path and method: "
        + "a Functions host would run the function whose name sorts first, so change one of the routes or methods");

    public static readonly DiagnosticDescriptor NotAFunction = Rule(
        "AFW013",
        "Trigger without a function",
        "Method '{0}' has a trigger or an output but is not a function: add [Function(\"Name\")] to it");

    public static readonly DiagnosticDescriptor Level = Rule(
        "AFW014",
        "Authorization level is not supported",
        "Function '{0}' has an authorization level that cannot be checked: use Anonymous, Function or Admin");

    public static readonly DiagnosticDescriptor Method = Rule(
        "AFW015", "HTTP method is invalid",
        "'{0}' of function '{1}' is not an HTTP method: write names such as \"get\" and \"post\", each once");

    public static readonly DiagnosticDescriptor QueueName = Rule(
        "AFW016",
        "Queue name is invalid",
        "'{0}' of function '{1}' is not a queue name: write 3 to 63 characters a-z, 0-9 and single '-' between them, or '%Setting%'");

    public static readonly DiagnosticDescriptor Connection = Rule(
        "AFW017",
        "Connection is invalid",
        "Function '{0}' has a connection that is not the name of a setting: "
        + "write letters, digits, '_' and '.', never the connection string itself");

    public static readonly DiagnosticDescriptor NoJsonContext = Rule(
        "AFW019",
        "Type has no JSON code",
        "Function '{0}' reads or writes '{1}' as JSON: add [JsonSerializable(typeof({1}))] to a public or internal class of this project "
        + "derived from JsonSerializerContext");

    public static readonly DiagnosticDescriptor SeveralJsonContexts = Rule(
        "AFW020", "Type has JSON code twice", "'{0}' has a [JsonSerializable] in '{1}', which may serialize it differently: keep one");

    public static readonly DiagnosticDescriptor OutputType = Rule(
        "AFW021",
        "Output type is not supported",
        "Function '{0}' sends a '{1}', which is not a message: use string, string[], or a record or class that is written as JSON, "
        + "and for bytes a string in Base64");

    public static readonly DiagnosticDescriptor Output = Rule(
        "AFW022", "Output cannot be used", "An output of function '{0}' cannot be used: {1}");

    public static readonly DiagnosticDescriptor HttpOutput = Rule(
        "AFW023",
        "Output of an HTTP function is not supported",
        "HTTP function '{0}' has [QueueOutput], which only queue functions can have: "
        + "return IResult, and send messages by a client");

    public static readonly DiagnosticDescriptor SettingName = Rule(
        "AFW024",
        "Setting never resolves",
        "'{0}' of function '{1}' never resolves: a Functions host turns '__' in the name of an environment variable into ':' "
        + "and looks up the text between the percent signs literally, so write {2}");

    public static readonly DiagnosticDescriptor OfficialOnly = Rule(
        "AFW025",
        "Not part of the native engine",
        "'{0}' has no effect in the native engine, or fails: use the replacement in docs/worker.md, "
        + "or build for Microsoft's engine (-p:FunctionsWorker=Official)");

    private static DiagnosticDescriptor Rule(string id, string title, string message) =>
        new(id, title, message, "Functions", DiagnosticSeverity.Error, isEnabledByDefault: true);
}
