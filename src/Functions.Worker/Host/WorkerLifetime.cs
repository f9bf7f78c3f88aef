namespace Functions.Worker.Host;

/// <summary>
/// The states of the worker from the start of its app to the end of its process. The host's messages, the server and a lost stream can all
/// end the worker, even before the app has started.
/// </summary>
internal sealed class WorkerLifetime(Invocations invocations)
{
    private readonly TaskCompletionSource<HostedApp> _app = new(TaskCreationOptions.RunContinuationsAsynchronously);
    // This default applies to a stop that the host did not request, such as Ctrl+C. The standalone server has the same shutdown timeout.
    private TimeSpan _grace = TimeSpan.FromSeconds(30);
    private volatile bool _isStopping;

    public Placeholder Placeholder { get; } = new();

    /// <summary>Completes when the app has started. Faults when the app cannot start.</summary>
    public Task<HostedApp> App => _app.Task;

    /// <summary>Completes <see cref="App"/>.</summary>
    public void ReportStarted(HostedApp app) => _app.TrySetResult(app);

    /// <summary>Faults <see cref="App"/>.</summary>
    public void ReportStartFailure(Exception reason)
    {
        _isStopping = true;
        _app.TrySetException(reason);
    }

    /// <summary>
    /// Stops the app at the host's request, after the app has started. A placeholder (a worker that still waits for its app's settings) has
    /// nothing to stop, so its process ends at once.
    /// </summary>
    /// <param name="grace">The time for running invocations to end.</param>
    public async Task TerminateAsync(TimeSpan grace)
    {
        _isStopping = true;
        if (Placeholder.IsWaiting)
            Environment.Exit(0);
        _grace = grace;
        invocations.Stop();
        // A failed start is ignored here, because WorkerHost then stops the app.
        await ((Task)_app.Task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        StopApp();
    }

    /// <summary>Refuses further invocations. The running ones have the grace period to end.</summary>
    public Task DrainAsync()
    {
        _isStopping = true;
        return invocations.DrainAsync(_grace);
    }

    /// <summary>
    /// Ends the process in any state, because a worker without a host has no work. The exit code is 0 after a requested stop, otherwise 1.
    /// </summary>
    /// <param name="reason">Why the stream to the host has ended.</param>
    public void EndWithoutHost(string reason)
    {
        var isRequested = _isStopping;
        if (!isRequested)
        {
            _isStopping = true;
            _grace = TimeSpan.Zero;
            Environment.ExitCode = 1;
            Console.Error.WriteLine($"The connection to the Functions host was lost: {reason.ReplaceLineEndings(" ")}");
        }

        invocations.CancelAll();
        if (_app.TrySetCanceled())
            Environment.Exit(isRequested ? 0 : 1);
        StopApp();
    }

    private void StopApp()
    {
        if (_app.Task.IsCompletedSuccessfully)
            _app.Task.Result.Lifetime.StopApplication();
    }
}
