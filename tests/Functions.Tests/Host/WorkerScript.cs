using Functions.Worker.Protocol;
using Microsoft.AspNetCore.Http;

namespace Functions.Tests.Host;

/// <summary>What a scripted worker does otherwise than a good one.</summary>
internal sealed record WorkerScript
{
    public IReadOnlyList<RpcFunctionMetadata> Functions { get; init; } = [Http("Hello", "hello/{name}", "get", "post")];

    /// <summary>The first message, given the right one.</summary>
    public Func<StreamingMessage, StreamingMessage> First { get; init; } = static message => message;

    /// <summary>True when it has dealt with the host's message; otherwise the worker answers as it should.</summary>
    public Func<ScriptedWorker, StreamingMessage, bool> React { get; init; } = static (_, _) => false;

    /// <summary>Each answer before it is sent.</summary>
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
