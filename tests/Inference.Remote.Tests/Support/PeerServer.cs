using System.Collections.Concurrent;
using Inference.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Inference.Remote.Tests.Support;

/// <summary>A real server on a free port. It sends the responses that a test sets, and counts its calls and connections.</summary>
internal sealed class PeerServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly TaskCompletionSource _allConnectionsClosed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _connections;

    private PeerServer(WebApplication app) => _app = app;

    public string Url => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>The handlers of calls, by path. A call without a handler gets the status 404.</summary>
    public ConcurrentDictionary<string, RequestDelegate> Handlers { get; } = new();

    /// <summary>The paths of all calls, in order.</summary>
    public ConcurrentQueue<string> RequestedPaths { get; } = new();

    public static async Task<PeerServer> StartAsync(
        HttpProtocols protocols = HttpProtocols.Http1, Action<WebApplicationBuilder>? configure = null, Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        PeerServer server = null!;
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen =>
        {
            listen.Protocols = protocols;
            listen.Use(next => async connection =>
            {
                Interlocked.Increment(ref server._connections);
                try
                {
                    await next(connection);
                }
                finally
                {
                    if (Interlocked.Decrement(ref server._connections) == 0)
                        server._allConnectionsClosed.TrySetResult();
                }
            });
        }));
        configure?.Invoke(builder);
        var app = builder.Build();
        server = new PeerServer(app);
        if (map is null)
            app.Run(server.AnswerAsync);
        else
            map(app);
        await app.StartAsync();
        return server;
    }

    public void Answer(string path, string json) => Handlers[path] = context => WriteAsync(context, 200, json);

    /// <param name="date">The Date header; null for the time of this machine.</param>
    public void Refuse(string path, int status, string body, string? retryAfter = null, string? date = null) => Handlers[path] = context =>
    {
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        if (date is not null)
            context.Response.Headers.Date = date;
        return WriteAsync(context, status, body);
    };

    public static Task WriteAsync(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }

    public int Count(string path) => RequestedPaths.Count(requestedPath => requestedPath == path);

    /// <summary>Completes when the last open connection is closed.</summary>
    public Task AllConnectionsClosedAsync() => _allConnectionsClosed.Task.WaitAsync(WaitLimit.Step);

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        RequestedPaths.Enqueue(path);
        if (Handlers.TryGetValue(path, out var handler))
            await handler(context);
        else
            await WriteAsync(context, 404, """{"error":"there is nothing here"}""");
    }
}
