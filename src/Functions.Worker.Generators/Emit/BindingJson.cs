using Functions.Worker.Generators.Model;

namespace Functions.Worker.Generators.Emit;

/// <summary>Writes the bindings of a function as the JSON that the Functions host reads.</summary>
internal static class BindingJson
{
    private const string HttpOutput = """{"name":"$return","type":"http","direction":"Out"}""";

    public static IEnumerable<string> Create(FunctionModel function) => function.Trigger is HttpTriggerModel
        ? [FormatTrigger(function.Trigger), HttpOutput]
        : [FormatTrigger(function.Trigger), .. function.Result.Outputs.Select(FormatOutput)];

    /// <summary>
    /// Returns the name of a trigger's binding. All triggers of a kind have the same name. The parameter's own name is not used, because
    /// the host refuses some names that C# allows, such as "_".
    /// </summary>
    public static string GetTriggerName(TriggerModel trigger) => trigger switch
    {
        HttpTriggerModel => "req",
        _ => "message",
    };

    private static string FormatTrigger(TriggerModel trigger) => trigger switch
    {
        HttpTriggerModel http => FormatHttpTrigger(http),
        _ => FormatQueueTrigger((QueueTriggerModel)trigger),
    };

    private static string FormatHttpTrigger(HttpTriggerModel http)
    {
        var methods = http.Methods.Count == 0 ? "" : $",\"methods\":[{string.Join(",", http.Methods.Select(Literal.Quote))}]";
        var route = http.Route is null ? "" : $",\"route\":{Literal.Quote(http.Route)}";
        return $"{{{FormatStart(http, "httpTrigger")},\"authLevel\":\"{http.Level}\"{methods}{route}}}";
    }

    private static string FormatQueueTrigger(QueueTriggerModel queue)
    {
        var dataType = queue.IsBinary ? "Binary" : "String";
        return $"{{{FormatStart(queue, "queueTrigger")},{FormatQueue(queue.Queue)},\"dataType\":\"{dataType}\"}}";
    }

    private static string FormatOutput(OutputModel output) =>
        $$"""{"name":"{{output.Binding}}","type":"queue","direction":"Out",{{FormatQueue(output.Queue)}}}""";

    private static string FormatStart(TriggerModel trigger, string type) =>
        $"\"name\":\"{GetTriggerName(trigger)}\",\"type\":\"{type}\",\"direction\":\"In\"";

    private static string FormatQueue(QueueModel queue) =>
        $"\"queueName\":{Literal.Quote(queue.Name)},\"connection\":{Literal.Quote(queue.Connection)}";
}
