using Functions.Worker.Protocol;
using Microsoft.AspNetCore.Http;

namespace Functions.Tests.Host;

/// <summary>The deviations of a scripted worker from a correct one.</summary>
internal sealed record WorkerScript
{
    public IReadOnlyList<RpcFunctionMetadata> Functions { get; init; } = [Http("Hello", "hello/{name}", "get", "post")];

    /// <summary>Returns the first message to send, given the correct one.</summary>
    public Func<StreamingMessage, StreamingMessage> First { get; init; } = static message => message;

    /// <summary>Handles a message of the host. When it returns false, the worker sends the correct response.</summary>
    public Func<ScriptedWorker, StreamingMessage, bool> React { get; init; } = static (_, _) => false;

    /// <summary>Changes a response before it is sent.</summary>
    public Action<StreamingMessage> Spoil { get; init; } = static _ => { };

    public RequestDelegate Serve { get; init; } = static http => http.Response.WriteAsync($"{http.Request.Method} {http.Request.Path}");

    public static RpcFunctionMetadata Http(string name, string route, params string[] methods) => Function(
        name,
        $$"""{"name":"req","type":"httpTrigger","direction":"In","authLevel":"Function","methods":[{{string.Join(',', methods.Select(method => $"\"{method}\""))}}],"route":"{{route}}"}""",
        """{"name":"$return","type":"http","direction":"Out"}""");

    public static RpcFunctionMetadata Queue(string name) => Function(
        name,
        """{"name":"message","type":"queueTrigger","direction":"In","queueName":"work","connection":"AzureWebJobsStorage","dataType":"String"}""",
        """{"name":"result","type":"queue","direction":"Out","queueName":"results","connection":"AzureWebJobsStorage"}""");

    public static RpcFunctionMetadata Function(string name, params string[] bindings) => new()
    {
        FunctionId = $"id-of-{name}",
        Name = name,
        ScriptFile = "Scripted",
        EntryPoint = $"Scripted.{name}",
        Language = "dotnet-isolated",
        RawBindings = { bindings },
    };
}
