using System.Text;
using Functions.Worker.Generators.Model;

namespace Functions.Worker.Generators.Emit;

/// <summary>Writes the code that calls one queue function.</summary>
internal sealed class MessageCallEmitter(JsonTypeSet json)
{
    private const string Values = $"{Names.Registry}.MessageValues";

    public void Append(StringBuilder source, FunctionModel function, int index)
    {
        var kind = function.Result.Kind;
        var isAsync = kind is ResultKind.Task or ResultKind.ValueTask or ResultKind.TaskOfValue or ResultKind.ValueTaskOfValue;
        source.Append($$"""

                    // {{function.Name}}
                    private static {{(isAsync ? "async " : "")}}{{Names.ValueTaskOfOutputs}} Invoke{{index}}(
                        {{Names.Registry}}.TriggerMessage message, {{Names.FunctionContext}} context)
                    {

            """);
        TargetEmitter.AppendInstance(source, function.Target);
        var call = TargetEmitter.FormatCall(function.Target, function.Parameters.Select(FormatArgument));
        var awaited = isAsync ? $"await {call}.ConfigureAwait(false)" : call;
        source.Append("            ").Append(function.Result.Outputs.Count > 0 ? $"var result = {awaited};\n" : $"{awaited};\n");
        AppendOutputs(source, function.Result.Outputs);
        var outputs = function.Result.Outputs.Count > 0 ? "collector.Outputs" : Names.NoOutputs;
        source.Append($"            return {(isAsync ? outputs : $"new({outputs})")};\n        }}\n");
    }

    private void AppendOutputs(StringBuilder source, EquatableArray<OutputModel> outputs)
    {
        if (outputs.Count == 0)
            return;

        source.Append($"            var collector = new {Names.Registry}.OutputCollector();\n");
        foreach (var output in outputs)
        {
            // A null result sends no outputs.
            var guard = output.Property is null ? "" : "if (result is not null)\n                ";
            var value = output.Property is null ? "result" : $"result.@{output.Property}";
            source.Append($"            {guard}collector.").Append(output.Form switch
            {
                OutputForm.Text => $"AddText(\"{output.Binding}\", {value});\n",
                OutputForm.Texts => $"AddTexts(\"{output.Binding}\", {value});\n",
                OutputForm.Json => $"AddJson<{output.Type}>(\"{output.Binding}\", {value}, {json.GetContext(output.Type)}.Default);\n",
            });
        }
    }

    private string FormatArgument(ParameterModel parameter) => parameter.Kind switch
    {
        ParameterKind.CancellationToken => "context.CancellationToken",
        ParameterKind.MessageText => $"{Values}.Text(message)",
        ParameterKind.MessageBytes => "message.Body.ToArray()",
        ParameterKind.MessageMemory => "message.Body",
        ParameterKind.MessageJson => $"{Values}.Json<{parameter.Source}>(message, {json.GetContext(parameter.Source!)}.Default)",
        ParameterKind.MetadataText => $"{Values}.Metadata(message, \"{parameter.Source}\")",
        ParameterKind.MetadataInt32 => $"{Values}.MetadataInt32(message, \"{parameter.Source}\")",
        ParameterKind.MetadataInt64 => $"{Values}.MetadataInt64(message, \"{parameter.Source}\")",
        ParameterKind.MetadataTime => $"{Values}.MetadataTime(message, \"{parameter.Source}\")",
        _ => "context",
    };
}
