using System.Text;
using Functions.Worker.Generators.Model;

namespace Functions.Worker.Generators.Emit;

/// <summary>Writes the code that calls one HTTP function.</summary>
internal static class HttpCallEmitter
{
    public static void Append(StringBuilder source, FunctionModel function, int index)
    {
        var isTask = function.Result.Kind == ResultKind.Task;
        source.Append($$"""

                    // {{function.Name}}
                    private static {{(isTask ? "async " : "")}}{{Names.ValueTaskOfResult}} Invoke{{index}}(
                        global::{{TypeNames.HttpContext}} http, {{Names.FunctionContext}} context)
                    {

            """);
        AppendRouteNumbers(source, function, isTask);
        TargetEmitter.AppendInstance(source, function.Target);
        var call = TargetEmitter.FormatCall(function.Target, function.Parameters.Select(FormatArgument));
        source.Append("            ").Append(function.Result.Kind switch
        {
            ResultKind.Task => $"await {call}.ConfigureAwait(false);\n            return global::Microsoft.AspNetCore.Http.Results.Empty;",
            ResultKind.ValueTaskOfValue => $"return {call};",
            _ => $"return new({call});",
        }).Append("\n        }\n");
    }

    /// <summary>Appends the code that parses the numbers in the route. If a number is not valid, the code responds with 404.</summary>
    private static void AppendRouteNumbers(StringBuilder source, FunctionModel function, bool isTask)
    {
        const string NotFound = $"{Names.Registry}.RouteValues.NotFound";
        for (var index = 0; index < function.Parameters.Count; index++)
        {
            var parameter = function.Parameters[index];
            if (parameter.Kind is not (ParameterKind.RouteInt32 or ParameterKind.RouteInt64))
                continue;

            var type = parameter.Kind == ParameterKind.RouteInt32 ? "int" : "long";
            var name = Literal.Quote(parameter.Source!);
            source.Append($"            if (!{Names.Registry}.RouteValues.TryGet(http, {name}, out {type} argument{index}))\n")
                .Append($"                return {(isTask ? NotFound : $"new({NotFound})")};\n");
        }
    }

    private static string FormatArgument(ParameterModel parameter, int index) => parameter.Kind switch
    {
        ParameterKind.HttpRequest => "http.Request",
        ParameterKind.CancellationToken => "context.CancellationToken",
        ParameterKind.RouteString => $"{Names.Registry}.RouteValues.Get(http, {Literal.Quote(parameter.Source!)})",
        ParameterKind.RouteOptionalString => $"{Names.Registry}.RouteValues.GetOrNull(http, {Literal.Quote(parameter.Source!)})",
        ParameterKind.RouteInt32 or ParameterKind.RouteInt64 => $"argument{index}",
        _ => "context",
    };
}
