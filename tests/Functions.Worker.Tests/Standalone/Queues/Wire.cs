using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>What a listener sends: kept in order, and open to a test's interference.</summary>
internal sealed class Wire : HttpPipelinePolicy
{
    private readonly ConcurrentQueue<string> _requests = new();

    /// <summary>Method, path without the account, and query of each request that was answered.</summary>
    public IReadOnlyList<string> Answered => [.. _requests];

    public Func<Request, Task> Before { get; set; } = _ => Task.CompletedTask;

    public Func<Request, Task> After { get; set; } = _ => Task.CompletedTask;

    /// <summary>A change of a message's visibility, as a renewal and a release are.</summary>
    public static bool IsUpdate(Request request) =>
        request.Method == RequestMethod.Put && request.Uri.Path.Contains("/messages/", StringComparison.Ordinal);

    public static bool IsReceive(Request request) => request.Method == RequestMethod.Get;

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await Before(message.Request);
        await ProcessNextAsync(message, pipeline);
        var path = message.Request.Uri.Path;
        _requests.Enqueue($"{message.Request.Method} {path[path.IndexOf('/', 1)..]}{message.Request.Uri.Query}");
        await After(message.Request);
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The listener is asynchronous.");
}
