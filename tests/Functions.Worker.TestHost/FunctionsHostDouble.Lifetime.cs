using Functions.Worker.TestHost.Http;
using Functions.Worker.TestHost.Workers;

namespace Functions.Worker.TestHost;

/// <content>The start, the restart and the end of the worker.</content>
public sealed partial class FunctionsHostDouble
{
    private static readonly Dictionary<string, string> Placeholder = new() { ["WEBSITE_PLACEHOLDER_MODE"] = "1" };

    /// <summary>Starts the worker's process, and returns once its functions are loaded.</summary>
    /// <param name="path">The app's folder with its worker.config.json, or an executable in an app's folder.</param>
    /// <param name="options">Options that differ from the host's defaults.</param>
    /// <exception cref="InvalidDataException">The host would not start this app.</exception>
    public static Task<FunctionsHostDouble> StartAsync(string path, FunctionsHostOptions? options = null)
    {
        options ??= new FunctionsHostOptions();
        var app = AppRoot.Read(path);
        var environment = options.StartsAsPlaceholder ? Placeholder : options.Settings;
        return StartAsync(app, start => WorkerProcess.Start(app, start, environment), options);
    }

    /// <summary>Starts a worker that a test scripts, instead of a process.</summary>
    public static Task<FunctionsHostDouble> StartAsync(
        string appRoot, Func<WorkerStart, IWorker> startWorker, FunctionsHostOptions? options = null) =>
        StartAsync(AppRoot.Read(appRoot), startWorker, options ?? new FunctionsHostOptions());

    /// <summary>Tells the worker to terminate and waits until it has ended. The worker must finish the running invocations.</summary>
    /// <returns>The worker's exit code.</returns>
    public async Task<int> TerminateAsync()
    {
        Stream.AllowEnd();
        Calls.Terminate();
        var limit = _options.Limits.Grace + _options.Limits.Exit;
        try
        {
            return await WorkerExited.WaitAsync(limit, _options.Time);
        }
        catch (TimeoutException)
        {
            _violations.Add($"The worker still ran {limit.TotalSeconds} s after WorkerTerminate.");
            throw;
        }
    }

    /// <summary>
    /// Kills the worker, and returns once it has ended. Its running requests get an empty 500 response. Later requests wait for the next
    /// worker, which the host starts after its back-off. The third death in a row ends the host.
    /// </summary>
    /// <returns>The task of the restart: its result is true when the next worker is ready, false when the host has ended.</returns>
    public async Task<Task<bool>> KillWorkerAsync()
    {
        _frontEnd!.Pause();
        await _channel.KillAsync();
        return RestartAsync();
    }

    /// <summary>Cuts the connection to the worker and ends, like a host that was killed.</summary>
    public async Task VanishAsync()
    {
        await _channel.VanishAsync();
        await _frontEnd!.DisposeAsync();
    }

    /// <summary>Completes the stream normally, without a WorkerTerminate.</summary>
    public void EndStream()
    {
        Stream.AllowEnd();
        Stream.End();
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
        var host = new FunctionsHostDouble(app, startWorker, options);
        try
        {
            await host.StartAsync();
            return host;
        }
        catch (Exception e) when (e is WorkerLostException or TimeoutException)
        {
            host.Stream.AllowEnd();
            await host.ReleaseAsync();
            throw new WorkerViolationException(
                $"The worker did not start: {string.Join('\n', [e.Message, .. host.TakeViolations()])}\nIts output:\n{host.Output}");
        }
    }

    private async Task StartAsync()
    {
        _frontEnd = await HttpFrontEnd.StartAsync(_options, _violations);
        Client.BaseAddress = _frontEnd.Address;
        Functions = await _channel.StartAsync(_startWorker, indexed: null);
        foreach (var function in Functions)
            function.IndexError = _expressions.FindProblem(function);
        Serve();
    }

    private async Task<bool> RestartAsync()
    {
        if (_backOff.RecordDeath() is not { } delay)
        {
            await _frontEnd!.DisposeAsync();
            return false;
        }

        await Task.Delay(delay, _options.Time);
        await _channel.DisposeAsync();
        _channel = new WorkerChannel(_app, _options, _violations);
        await _channel.StartAsync(_startWorker, Functions);
        _backOff.RecordRestart();
        Serve();
        return true;
    }

    private void Serve()
    {
        if (Capabilities.ContainsKey("HttpUri"))
        {
            _frontEnd!
                .Serve(new HostRoutes(Functions.Where(function => function.IndexError is null), RoutePrefix, _options.RouteOrder), Calls);
        }
        else if (Functions.Any(function => function.IsHttp))
        {
            _violations.Add("The worker has HTTP functions and no HttpUri: chunked requests would arrive empty.");
        }
    }

    private async Task EndWorkerAsync()
    {
        if (WorkerExited.IsCompleted || Stream.Ended.IsCompleted)
            return;
        try
        {
            // When an invocation gets no response, the time limit adds a violation that names the invocation.
            foreach (var invocation in Stream.Invocations.Running.ToList())
                await Calls.FinishAsync(invocation);
            if (await TerminateAsync() is var code and not 0)
                _violations.Add($"The worker ended with {code} when it was asked to.");
        }
        catch (Exception e) when (e is TimeoutException or WorkerLostException)
        {
            // The violation was already recorded. The process is killed later.
        }
    }

    private async Task ReleaseAsync()
    {
        Client.Dispose();
        if (_frontEnd is not null)
            await _frontEnd.DisposeAsync();
        await _channel.DisposeAsync();
    }
}
