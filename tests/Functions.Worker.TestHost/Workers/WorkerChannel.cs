using Functions.Worker.Protocol;
using Functions.Worker.TestHost.Streaming;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.TestHost.Workers;

/// <summary>One worker of the host from its start to its end: its process, its stream, and the calls over the stream.</summary>
internal sealed class WorkerChannel : IAsyncDisposable
{
    private readonly string _workerId = Guid.NewGuid().ToString();
    private readonly AppRoot _app;
    private readonly FunctionsHostOptions _options;
    private readonly Handshake _handshake;

    private WebApplication? _server;
    private IWorker? _worker;
    private bool _isKilled;

    public WorkerChannel(AppRoot app, FunctionsHostOptions options, ProtocolViolations violations)
    {
        (_app, _options) = (app, options);
        Stream = new WorkerStream(_workerId, options.Time, violations);
        Calls = new WorkerCalls(Stream, options);
        _handshake = new Handshake(Stream, _app.Folder, options.Limits, violations);
    }

    public WorkerStream Stream { get; }

    public WorkerCalls Calls { get; }

    public StartTimes Times { get; private set; } = new(default, default, default);

    /// <summary>The text that the worker wrote to its console.</summary>
    public string Output => _worker?.Output ?? "";

    /// <summary>The processor time that the worker has used.</summary>
    public TimeSpan ProcessorTime => _worker?.ProcessorTime ?? TimeSpan.Zero;

    /// <summary>Completes with the exit code when the worker has ended.</summary>
    public Task<int> Exited => _worker!.Exited;

    /// <summary>Starts the worker, and returns once its functions are loaded.</summary>
    /// <param name="start">Starts the process.</param>
    /// <param name="indexed">
    /// The functions that an earlier worker reported; null for the first worker. The host asks for the functions only once.
    /// </param>
    public async Task<IReadOnlyList<HostFunction>> StartAsync(Func<WorkerStart, IWorker> start, IReadOnlyList<HostFunction>? indexed)
    {
        _server = await StreamServer.StartAsync(Stream);
        var address = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        var begin = _options.Time.GetTimestamp();
        _worker = start(new WorkerStart(address, _workerId, Guid.NewGuid().ToString()));
        _ = FailWhenItEndsAsync(_worker);

        await Stream.WaitWithinAsync(Stream.Started, "StartStream", _options.Limits.StartStream);
        var started = _options.Time.GetElapsedTime(begin);
        Calls.Capabilities = await _handshake.InitializeAsync();
        if (_options.StartsAsPlaceholder)
        {
            (begin, started) = (_options.Time.GetTimestamp(), TimeSpan.Zero);
            Calls.Capabilities = await SpecializeAsync();
        }

        var initialized = _options.Time.GetElapsedTime(begin);
        var functions = indexed ?? await _handshake.IndexAsync();
        await _handshake.LoadAsync(functions, _options.LoadsAsCollection);
        Times = new StartTimes(started, initialized, _options.Time.GetElapsedTime(begin));
        return functions;
    }

    /// <summary>Kills the worker, as the kernel does when memory runs out.</summary>
    public async Task KillAsync()
    {
        Stream.AllowEnd();
        _isKilled = true;
        await _worker!.DisposeAsync();
        await Stream.Ended;
    }

    /// <summary>Cuts the connection and ends, like a host that was killed.</summary>
    public async Task VanishAsync()
    {
        Stream.AllowEnd();
        Stream.Abort();
        await _server!.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_worker is not null && !_isKilled)
            await _worker.DisposeAsync();
    }

    /// <summary>Turns the placeholder into the app. The capabilities in the reply replace those of the placeholder.</summary>
    private async Task<IReadOnlyDictionary<string, string>> SpecializeAsync()
    {
        var response = await Calls.ReloadAsync(
            _app.Folder, new Dictionary<string, string>(_options.Settings) { ["WEBSITE_PLACEHOLDER_MODE"] = "0" });
        return response.Result?.Status == StatusResult.Types.Status.Success
            ? response.Capabilities
            : throw new WorkerLostException($"FunctionEnvironmentReloadResponse: {response.Result?.Exception?.Message ?? "no success"}");
    }

    /// <summary>Fails the stream when the worker ends. No other code notices a worker that ends before it opens the stream.</summary>
    private async Task FailWhenItEndsAsync(IWorker worker)
    {
        var code = await worker.Exited;
        Stream.Fail($"The worker has ended with {code}.");
    }
}
