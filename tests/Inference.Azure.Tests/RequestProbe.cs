using Azure.Core;
using Azure.Core.Pipeline;

namespace Inference.Azure.Tests;

/// <summary>Counts the requests of the store, and runs code of a test before and after each request.</summary>
internal sealed class RequestProbe : HttpPipelinePolicy
{
    private int _requests;

    public int Requests => Volatile.Read(ref _requests);

    /// <summary>How far the clock of the service is ahead, by the dates of its responses. It is behind if this is negative.</summary>
    public TimeSpan Ahead { get; set; }

    public Func<HttpMessage, Task> Before { get; set; } = _ => Task.CompletedTask;

    public Func<HttpMessage, Task> After { get; set; } = _ => Task.CompletedTask;

    public static bool IsDownload(HttpMessage message) =>
        message.Request.Method == RequestMethod.Get && !message.Request.Uri.Query.Contains("comp=list", StringComparison.Ordinal);

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        Interlocked.Increment(ref _requests);
        await Before(message);
        await ProcessNextAsync(message, pipeline);
        // A failed response is not replaced, because the pipeline reads the error code only from its own response.
        if (Ahead != TimeSpan.Zero && message.Response.Status < 400)
            message.Response = new DatedResponse(message.Response, Ahead);
        await After(message);
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("The store is asynchronous.");
}
