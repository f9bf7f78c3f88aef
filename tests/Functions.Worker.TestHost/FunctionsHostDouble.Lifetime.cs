using Functions.Worker.TestHost.Http;
using Functions.Worker.TestHost.Streaming;
using Functions.Worker.TestHost.Workers;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Worker.TestHost;

/// <content>Start and end.</content>
public sealed partial class FunctionsHostDouble
{
    /// <summary>Starts the worker's process, and returns when its functions are loaded.</summary>
    /// <param name="path">The app's folder with its worker.config.json, or an executable in an app's folder.</param>
    /// <param name="options">What is not the host's default.</param>
    public static Task<FunctionsHostDouble> StartAsync(string path, FunctionsHostOptions? options = null)
    {
        options ??= new FunctionsHostOptions();
        var app = AppRoot.Read(path);
        return StartAsync(app, start => WorkerProcess.Start(app, start, options.Settings), options);
    }

    /// <summary>The same with a worker that is no process.</summary>
    public static Task<FunctionsHostDouble> StartAsync(
        string appRoot, Func<WorkerStart, IWorker> startWorker, FunctionsHostOptions? options = null) =>
        StartAsync(AppRoot.Read(appRoot), startWorker, options ?? new FunctionsHostOptions());

    /// <summary>Asks the worker to end, and waits for it. Work in flight is to be finished.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        _stream.AllowEnd();
        _calls.Terminate();
        try
        {
            return await WorkerExited.WaitAsync(2 * _options.Limits.Grace, _options.Time);
        }
        catch (TimeoutException)
        {
            _violations.Add($"The worker still ran {2 * _options.Limits.Grace.TotalSeconds} s after WorkerTerminate.");
            throw;
        }
    }

    /// <summary>Cuts the connection and is gone, as a host that was killed.</summary>
    public async Task VanishAsync()
    {
        _stream.AllowEnd();
        _stream.Cut();
        await _server!.DisposeAsync();
        await _frontEnd!.DisposeAsync();
    }

    /// <summary>Ends the stream in good order, though the worker was not asked to end.</summary>
    public void EndStream()
    {
        _stream.AllowEnd();
        _stream.End();
    }

    /// <exception cref="WorkerViolationException">The worker broke the protocol.</exception>
    public async ValueTask DisposeAsync()
    {
        await EndWorkerAsync();
        await ReleaseAsync();
        _violations.ThrowIfAny(Output);
    }

    private static async Task<FunctionsHostDouble> StartAsync(
        AppRoot app, Func<WorkerStart, IWorker> startWorker, FunctionsHostOptions options)
    {
        var workerId = Guid.NewGuid().ToString();
        var host = new FunctionsHostDouble(app, workerId, options);
        try
        {
            await host.StartAsync(workerId, startWorker);
            return host;
        }
        catch (Exception e) when (e is WorkerLostException or TimeoutException)
        {
            host._stream.AllowEnd();
            await host.ReleaseAsync();
            throw new WorkerViolationException(
                $"The worker did not start: {string.Join('\n', [e.Message, .. host.TakeViolations()])}\nIts output:\n{host.Output}");
        }
    }

    private async Task StartAsync(string workerId, Func<WorkerStart, IWorker> startWorker)
    {
        _server = await StreamServer.StartAsync(_stream);
        _frontEnd = await HttpFrontEnd.StartAsync(_calls, _options, _violations);
        Client.BaseAddress = _frontEnd.Address;
        var address = new Uri(_server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        var begin = _options.Time.GetTimestamp();
        _worker = startWorker(new WorkerStart(address, workerId, Guid.NewGuid().ToString()));
        _ = FailWhenItEndsAsync(_worker);

        await _stream.WithinAsync(_stream.Started, "StartStream", _options.Limits.StartStream);
        var started = _options.Time.GetElapsedTime(begin);
        var handshake = new Handshake(_stream, _app.Folder, _options.Limits, _violations);
        _calls.Capabilities = await handshake.InitializeAsync();
        var initialized = _options.Time.GetElapsedTime(begin);
        Functions = await handshake.IndexAsync();
        await handshake.LoadAsync(Functions, _options.LoadsAsCollection);
        Times = new StartTimes(started, initialized, _options.Time.GetElapsedTime(begin));
        if (Capabilities.ContainsKey("HttpUri"))
            _frontEnd.Serve(new HostRoutes(Functions, RoutePrefix, _options.RouteOrder), WorkerAddress);
        else if (Functions.Any(function => function.IsHttp))
            _violations.Add("The worker has HTTP functions and no HttpUri: chunked requests would arrive empty.");
    }

    /// <summary>A worker that dies before it opens the stream leaves nobody else to say so.</summary>
    private async Task FailWhenItEndsAsync(IWorker worker)
    {
        var code = await worker.Exited;
        _stream.Fail($"The worker has ended with {code}.");
    }

    private async Task EndWorkerAsync()
    {
        if (WorkerExited.IsCompleted || _stream.Ended.IsCompleted)
            return;
        try
        {
            // The limit's violation says which one was never answered.
            foreach (var invocation in _stream.Invocations.Running.ToList())
                await _calls.FinishAsync(invocation);
            if (await TerminateAsync() is var code and not 0)
                _violations.Add($"The worker ended with {code} when it was asked to.");
        }
        catch (Exception e) when (e is TimeoutException or WorkerLostException)
        {
            // It is among the violations; the process is killed.
        }
    }

    private async Task ReleaseAsync()
    {
        Client.Dispose();
        if (_frontEnd is not null)
            await _frontEnd.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        if (_worker is not null)
            await _worker.DisposeAsync();
    }
}
