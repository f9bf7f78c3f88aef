using System.Collections.Concurrent;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>Records the requests of a listener in order, and lets a test run code before and after each request.</summary>
internal sealed class Wire : HttpPipelinePolicy
{
    private readonly ConcurrentQueue<string> _requests = new();

    /// <summary>The requests that got a response, each with its method, its path without the account, and its query.</summary>
    public IReadOnlyList<string> Answered => [.. _requests];

    public Func<Request, Task> Before { get; set; } = _ => Task.CompletedTask;

    public Func<Request, Task> After { get; set; } = _ => Task.CompletedTask;

    /// <summary>Whether a request gets no response until it is cancelled.</summary>
    public Func<Request, bool> IsStalled { get; set; } = _ => false;

    /// <summary>Whether a request changes the visibility of a message. A renewal and a release do.</summary>
    public static bool IsUpdate(Request request) =>
        request.Method == RequestMethod.Put && request.Uri.Path.Contains("/messages/", StringComparison.Ordinal);

    public static bool IsReceive(Request request) => request.Method == RequestMethod.Get;

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await Before(message.Request);
        if (IsStalled(message.Request))
            await Task.Delay(Timeout.InfiniteTimeSpan, message.CancellationToken);
        await ProcessNextAsync(message, pipeline);
        var path = message.Request.Uri.Path;
        _requests.Enqueue($"{message.Request.Method} {path[path.IndexOf('/', 1)..]}{message.Request.Uri.Query}");
        await After(message.Request);
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The listener is asynchronous.");
}
