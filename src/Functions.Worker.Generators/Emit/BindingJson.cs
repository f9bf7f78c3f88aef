using Functions.Worker.Generators.Model;

namespace Functions.Worker.Generators.Emit;

/// <summary>Writes the bindings of a function as the JSON that the Functions host reads.</summary>
internal static class BindingJson
{
    private const string HttpOutput = """{"name":"$return","type":"http","direction":"Out"}""";

    public static IEnumerable<string> Create(FunctionModel function) => function.Trigger is HttpTriggerModel
        ? [Trigger(function.Trigger), HttpOutput]
        : [Trigger(function.Trigger), .. function.Result.Outputs.Select(Output)];

    /// <summary>
    /// Returns the name of a trigger's binding. All triggers of a kind have the same name. The parameter's own name is not used, because
    /// the host refuses some names that C# allows, such as "_".
    /// </summary>
    public static string TriggerName(TriggerModel trigger) => trigger switch
    {
        HttpTriggerModel => "req",
        _ => "message",
    };

    private static string Trigger(TriggerModel trigger) => trigger switch
    {
        HttpTriggerModel http => Http(http),
        _ => Queue((QueueTriggerModel)trigger),
    };

    private static string Http(HttpTriggerModel http)
    {
        var methods = http.Methods.Count == 0 ? "" : $",\"methods\":[{string.Join(",", http.Methods.Select(Literal.Quote))}]";
        var route = http.Route is null ? "" : $",\"route\":{Literal.Quote(http.Route)}";
        return $"{{{Start(http, "httpTrigger")},\"authLevel\":\"{http.Level}\"{methods}{route}}}";
    }

    private static string Queue(QueueTriggerModel queue)
    {
        var dataType = queue.IsBinary ? "Binary" : "String";
        return $"{{{Start(queue, "queueTrigger")},{Queue(queue.Queue)},\"dataType\":\"{dataType}\"}}";
    }

    private static string Output(OutputModel output) =>
        $$"""{"name":"{{output.Binding}}","type":"queue","direction":"Out",{{Queue(output.Queue)}}}""";

    private static string Start(TriggerModel trigger, string type) =>
        $"\"name\":\"{TriggerName(trigger)}\",\"type\":\"{type}\",\"direction\":\"In\"";

    private static string Queue(QueueModel queue) =>
        $"\"queueName\":{Literal.Quote(queue.Name)},\"connection\":{Literal.Quote(queue.Connection)}";
}
