using System.Net;
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

/// <summary>The HTTP side of the host. Until the functions are loaded it answers 503.</summary>
internal sealed class HttpFrontEnd : IAsyncDisposable
{
    private const long MaxBodySize = 104_857_600;

    private readonly WebApplication _app;
    private readonly HostKeys _keys;
    private readonly RequestForwarder _forwarder;

    private volatile Served? _served;

    private HttpFrontEnd(WebApplication app, WorkerCalls calls, FunctionsHostOptions options, ProtocolViolations violations)
    {
        _app = app;
        _keys = new HostKeys(options.FunctionKey, options.MasterKey);
        _forwarder = new RequestForwarder(app.Services.GetRequiredService<IHttpForwarder>(), calls, options, violations);
        app.Run(HandleAsync);
    }

    public Uri Address => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());

    public static async Task<HttpFrontEnd> StartAsync(WorkerCalls calls, FunctionsHostOptions options, ProtocolViolations violations)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MaxBodySize;
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddHttpForwarder();
        var frontEnd = new HttpFrontEnd(builder.Build(), calls, options, violations);
        await frontEnd._app.StartAsync();
        return frontEnd;
    }

    public void Serve(HostRoutes routes, Uri worker) => _served = new Served(routes, worker);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _forwarder.Dispose();
    }

    private async Task HandleAsync(HttpContext http)
    {
        if (_served is not { } served)
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        else if (served.Routes.Match(http.Request.Method, http.Request.Path) is not { } function)
            http.Response.StatusCode = StatusCodes.Status404NotFound;
        else if (!_keys.Allow(function, http.Request))
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
        else if (function.LoadError is { } error)
            await AnswerAsync(http, StatusCodes.Status500InternalServerError, error);
        else
            await ForwardAsync(http, function, served.Worker);
    }

    private async Task ForwardAsync(HttpContext http, HostFunction function, Uri worker)
    {
        try
        {
            await _forwarder.ForwardAsync(http, function, worker);
        }
        catch (Exception e) when (e is WorkerLostException or TimeoutException)
        {
            await AnswerAsync(http, StatusCodes.Status502BadGateway, e.Message);
        }
    }

    private static Task AnswerAsync(HttpContext http, int status, string text)
    {
        if (http.Response.HasStarted)
        {
            http.Abort();
            return Task.CompletedTask;
        }

        http.Response.StatusCode = status;
        return http.Response.WriteAsync(text);
    }

    private sealed record Served(HostRoutes Routes, Uri Worker);
}
