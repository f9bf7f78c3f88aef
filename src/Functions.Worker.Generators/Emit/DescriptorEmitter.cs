using System.Text;
using Functions.Worker.Generators.Model;

namespace Functions.Worker.Generators.Emit;

/// <summary>Writes the code that registers the descriptor of one function.</summary>
internal static class DescriptorEmitter
{
    private const string Indent = "\n                    ";

    public static void Append(StringBuilder source, FunctionModel function, string assembly, int index)
    {
        var bindings = string.Concat(BindingJson.Create(function).Select(binding => $"{Indent}{Literal.Quote(binding)},"));
        source.Append($$"""
                        {{Names.Registry}}.FunctionRegistry.Add(new {{Names.Registry}}.FunctionDescriptor(
                            "{{FunctionId.Compute(function)}}", {{Literal.Quote(function.Name)}}, {{Literal.Quote(function.EntryPoint)}})
                        {
                            ScriptFile = {{Literal.Quote(assembly + ".dll")}},
                            RawBindings = new string[]
                            {{{bindings}}
                            },

            """);
        if (function.Trigger is HttpTriggerModel http)
            AppendHttp(source, http, function.Name);
        else
            AppendMessage(source, function);
        source.Append($$"""
                                Invoke = Invoke{{index}},
                            },
                        });

            """);
    }

    private static void AppendHttp(StringBuilder source, HttpTriggerModel http, string name)
    {
        var methods = string.Concat(http.Methods.Select(method => $" {Literal.Quote(method.ToUpperInvariant())},"));
        source.Append($$"""
                            Http = new {{Names.Registry}}.HttpTrigger
                            {
                                Level = global::{{TypeNames.AuthorizationLevel}}.{{http.Level}},
                                Methods = new string[] {{{methods}} },
                                Route = {{Literal.Quote(http.Route ?? name)}},

            """);
    }

    private static void AppendMessage(StringBuilder source, FunctionModel function)
    {
        var binding = BindingJson.GetTriggerName(function.Trigger);
        source.Append($$"""
                            Message = new {{Names.Registry}}.MessageTrigger
                            {
                                Binding = "{{binding}}",
                                Queue = {{FormatQueue(binding, ((QueueTriggerModel)function.Trigger).Queue)}},

            """);
        if (function.Result.Outputs.Count == 0)
            return;

        var outputs = function.Result.Outputs.Select(output => $"{Indent}    {FormatQueue(output.Binding, output.Queue)},");
        source.Append($"                    Outputs = new {Names.Registry}.QueueBinding[]{Indent}{{{string.Concat(outputs)}{Indent}}},\n");
    }

    private static string FormatQueue(string binding, QueueModel queue) =>
        $"new {Names.Registry}.QueueBinding(\"{binding}\", {Literal.Quote(queue.Name)}, {Literal.Quote(queue.Connection)})";
}
