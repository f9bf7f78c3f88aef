using System.Net;
using Functions.Worker.Protocol;
using Functions.Worker.TestHost.Functions;
using Functions.Worker.TestHost.Streaming;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Forwarder;

namespace Functions.Worker.TestHost.Http;

/// <summary>
/// The HTTP server of the host. Until the functions are loaded, it responds with 503. While a worker restarts, requests wait.
/// </summary>
internal sealed class HttpFrontEnd : IAsyncDisposable
{
    private const long MaxBodySize = 104_857_600;

    private readonly WebApplication _app;
    private readonly HostKeys _keys;
    private readonly RequestForwarder _forwarder;

    private volatile TaskCompletionSource<Served>? _serving;

    private HttpFrontEnd(WebApplication app, FunctionsHostOptions options, ProtocolViolations violations)
    {
        _app = app;
        _keys = new HostKeys(options.FunctionKey, options.MasterKey);
        _forwarder = new RequestForwarder(app.Services.GetRequiredService<IHttpForwarder>(), options, violations);
        app.Run(HandleAsync);
    }

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<HttpFrontEnd> StartAsync(FunctionsHostOptions options, ProtocolViolations violations)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MaxBodySize;
            // On a busy machine, a client in the same process may send or read less than Kestrel's minimum rate.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddHttpForwarder();
        var frontEnd = new HttpFrontEnd(builder.Build(), options, violations);
        await frontEnd._app.StartAsync();
        return frontEnd;
    }

    public void Serve(HostRoutes routes, WorkerCalls calls)
    {
        var served = new Served(routes, calls, new Uri(calls.Capabilities["HttpUri"]));
        if (_serving?.TrySetResult(served) != true)
        {
            _serving = new();
            _serving.SetResult(served);
        }
    }

    /// <summary>Lets requests wait for the next worker.</summary>
    public void Pause() => _serving = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _forwarder.Dispose();
    }

    private async Task HandleAsync(HttpContext http)
    {
        if (_serving is not { } serving)
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        else
            await HandleAsync(http, await serving.Task.WaitAsync(http.RequestAborted));
    }

    private async Task HandleAsync(HttpContext http, Served served)
    {
        if (served.Routes.Match(http.Request.Method, http.Request.Path, out var values) is not { } function)
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        else if (!_keys.Allows(function, http.Request))
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        else if (function.LoadError is { } error)
            await FailAsync(http, error);
        else if (http.Request.ContentLength > MaxBodySize)
            await FailAsync(http);
        else
            await ForwardAsync(http, TriggerData.Http(function, values), function, served);
    }

    /// <summary>Forwards a request. As in the host, a body above the limit and a lost worker result in an empty 500 response.</summary>
    private async Task ForwardAsync(HttpContext http, InvocationRequest request, HostFunction function, Served served)
    {
        try
        {
            await _forwarder.ForwardAsync(http, request, function, served.Calls, served.Worker);
            if (http.GetForwarderErrorFeature()?.Exception is Microsoft.AspNetCore.Http.BadHttpRequestException
                { StatusCode: StatusCodes.Status413PayloadTooLarge })
            {
                await FailAsync(http);
            }
        }
        catch (Exception e) when (e is WorkerLostException or TimeoutException)
        {
            await FailAsync(http);
        }
    }

    private static Task FailAsync(HttpContext http, string text = "")
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return Task.CompletedTask;
        }

        http.Response.StatusCode = StatusCodes.Status500InternalServerError;
        return http.Response.WriteAsync(text);
    }

    private sealed record Served(HostRoutes Routes, WorkerCalls Calls, Uri Worker);
}
