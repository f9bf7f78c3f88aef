using Functions.Worker.Hosting;
using Functions.Worker.Protocol;
using Functions.Worker.Registry;
using Functions.Worker.Tests.Functions;
using Functions.Worker.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Content = Functions.Worker.Protocol.StreamingMessage.ContentOneofCase;

namespace Functions.Worker.Tests.Host;

/// <summary>A worker with the functions of this assembly and those of the test, after the handshake with a scripted host.</summary>
internal sealed class WorkerApp : IAsyncDisposable
{
    private readonly TempFolder _root = new();
    private readonly IHost _app;
    private Task? _stopped;

    private WorkerApp(FakeHost host, IReadOnlyList<FunctionDescriptor> functions)
    {
        Host = host;
        var builder = new WorkerApplicationBuilder(host.Arguments, _root.Path, functions);
        builder.Services.AddSingleton<Gate>();
        // The clock stands still, so that no part of an invocation is too late on a busy machine.
        builder.Services.AddSingleton<TimeProvider>(new FakeTimeProvider(TimeProvider.System.GetUtcNow()));
        builder.Logging.AddFilter("Quiet", LogLevel.Error);
        _app = builder.Build();
        Functions = functions;
    }

    public FakeHost Host { get; }

    public IReadOnlyList<FunctionDescriptor> Functions { get; }

    public Gate Gate => _app.Services.GetRequiredService<Gate>();

    /// <summary>Sends requests to the worker as the host's proxy does.</summary>
    public HttpClient Client { get; private set; } = null!;

    /// <summary>Completes when the worker has stopped by itself.</summary>
    public Task Stopped => _stopped!;

    public static async Task<WorkerApp> StartAsync(params FunctionDescriptor[] functions)
    {
        var app = new WorkerApp(await FakeHost.StartAsync(), [.. FunctionRegistry.Functions, .. functions]);
        await app._app.StartAsync();
        await app.Host.NextAsync(Content.StartStream);
        var init = await app.Host.RequestAsync(new() { WorkerInitRequest = new() }, Content.WorkerInitResponse);
        app.Client = new HttpClient { BaseAddress = new Uri(init.WorkerInitResponse.Capabilities["HttpUri"]) };
        app._stopped = app._app.WaitForShutdownAsync();
        return app;
    }

    public string IdOf(string function) => Functions.Single(f => f.Name == function).Id;

    /// <summary>Announces an invocation.</summary>
    public string Announce(string function, string? id = null, Action<InvocationRequest>? with = null)
    {
        id ??= Guid.NewGuid().ToString();
        var request = new InvocationRequest { InvocationId = id, FunctionId = IdOf(function) };
        with?.Invoke(request);
        Host.Send(new() { RequestId = $"for {id}", InvocationRequest = request });
        return id;
    }

    /// <summary>Forwards a request.</summary>
    public Task<HttpResponseMessage> ForwardAsync(
        string id, string path, HttpContent? body = null, CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, path) { Content = body };
        request.Headers.Add("x-ms-invocation-id", id);
        // The response may then arrive before the body is sent.
        request.Headers.ExpectContinue = body is not null;
        return Client.SendAsync(request, cancellationToken);
    }

    /// <summary>Announces an HTTP invocation, forwards its request, and waits for both responses.</summary>
    public async Task<(HttpResponseMessage Http, InvocationResponse Response)> InvokeAsync(
        string function, string path, HttpContent? body = null)
    {
        var id = Announce(function);
        var http = await ForwardAsync(id, path, body).WaitAsync(FakeHost.Timeout);
        return (http, await Host.ResponseAsync(id));
    }

    public async ValueTask DisposeAsync()
    {
        Gate.Release();
        Client.Dispose();
        Host.Send(new() { WorkerTerminate = new() });
        await Stopped.WaitAsync(FakeHost.Timeout);
        await Host.DisposeAsync();
        _app.Dispose();
        _root.Dispose();
    }
}
