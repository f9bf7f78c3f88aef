using System.Diagnostics;
using Functions.Worker.Protocol;
using Functions.Worker.TestHost.Streaming;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace Functions.Worker.TestHost.Http;

/// <summary>
/// Runs an HTTP invocation: sends the request over HTTP and the InvocationRequest over the stream, and waits for both responses.
/// </summary>
internal sealed class RequestForwarder(
    IHttpForwarder forwarder, FunctionsHostOptions options, ProtocolViolations violations) : IDisposable
{
    private static readonly ForwarderRequestConfig Config = new() { ActivityTimeout = TimeSpan.FromSeconds(240) };

    private readonly HttpMessageInvoker _client = new(new ProxyRetryHandler(
        new SocketsHttpHandler
        {
            UseProxy = false,
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = DistributedContextPropagator.CreatePassThroughPropagator(),
        },
        options.Time));

    public async Task ForwardAsync(HttpContext http, InvocationRequest request, HostFunction function, WorkerCalls calls, Uri worker)
    {
        // The host creates its own span within the caller's trace.
        if (ActivityContext.TryParse(http.Request.Headers.TraceParent, null, out var caller))
            request.TraceContext = new() { TraceParent = $"00-{caller.TraceId}-{ActivitySpanId.CreateRandom()}-01" };
        var invocation = calls.Begin(function.Name, request);
        // A test reads this header to find the invocation's log.
        http.Response.Headers[InvocationTransformer.Header] = invocation.Id;
        using var stop = new CancellationTokenSource();
        var isSent = false;
        // The forwarder already aborts the forwarded request itself.
        await using var abort = http.RequestAborted.Register(() =>
        {
            if (Volatile.Read(ref isSent))
                calls.Cancel(invocation);
        });
        var forwarding = await StartAsync(() =>
            forwarder.SendAsync(http, worker.ToString(), _client, Config, new InvocationTransformer(invocation.Id), stop.Token).AsTask());
        await FinishAsync(http, invocation, forwarding, stop);

        // As in the real host, the client's request ends only after the invocation has ended.
        await calls.FinishAsync(invocation);

        async Task<Task> StartAsync(Func<Task> forward)
        {
            var started = options.Order == InvocationOrder.InvocationFirst ? null : forward();
            if (options.Order == InvocationOrder.OnSignal)
                await options.Signal(invocation.Id);
            calls.Send(invocation);
            Volatile.Write(ref isSent, true);
            if (http.RequestAborted.IsCancellationRequested)
                calls.Cancel(invocation);
            // The worker reads messages in order. When it has responded to the ping, it has read the InvocationRequest.
            if (started is null)
                await calls.PingAsync();
            return started ?? forward();
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task FinishAsync(HttpContext http, Invocation invocation, Task forwarding, CancellationTokenSource stop)
    {
        if (await Task.WhenAny(forwarding, invocation.Response) != forwarding)
        {
            try
            {
                await forwarding.WaitAsync(options.Limits.HttpEnd, options.Time);
            }
            catch (TimeoutException)
            {
                if (invocation.Response.IsCompletedSuccessfully && !http.RequestAborted.IsCancellationRequested)
                    violations.Add($"InvocationResponse of {invocation.Function}: it came before its HTTP response had ended.");
                await stop.CancelAsync();
                await forwarding;
            }
        }
    }
}
