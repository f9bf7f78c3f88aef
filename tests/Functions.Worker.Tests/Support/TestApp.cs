using Functions.Worker.Hosting;
using Functions.Worker.Registry;
using Functions.Worker.Tests.Functions;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Tests.Support;

/// <summary>
/// A standalone server with the functions of this assembly, on a free port. It does not read this process's folder and settings.
/// </summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly TempFolder _root;

    private TestApp(IHost host, TempFolder root)
    {
        _host = host;
        _root = root;
        var server = host.Services.GetRequiredService<IServer>();
        Client = new HttpClient { BaseAddress = new Uri(server.Features.Get<IServerAddressesFeature>()!.Addresses.Single()) };
    }

    public HttpClient Client { get; }

    public Gate Gate => _host.Services.GetRequiredService<Gate>();

    public LogRecorder Log => _host.Services.GetRequiredService<LogRecorder>();

    public static Task<TestApp> StartAsync(params string[] args) => StartAsync(new TempFolder(), FunctionRegistry.Functions, args);

    public static async Task<TestApp> StartAsync(TempFolder root, IReadOnlyList<FunctionDescriptor> functions, params string[] args)
    {
        var builder = new WorkerApplicationBuilder(["--urls", "http://127.0.0.1:0", .. args], root.Path, functions);
        builder.Services.AddSingleton<Gate>();
        var log = new LogRecorder();
        builder.Services.AddSingleton(log);
        builder.Logging.ClearProviders().AddProvider(log);
        var host = builder.Build();
        await host.StartAsync();
        return new TestApp(host, root);
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        Gate.Release();
        await _host.StopAsync();
        _host.Dispose();
        _root.Dispose();
    }
}
