namespace Cli.Bench;

/// <summary>
/// Runs one load on one target, and measures it in windows of equal duration. The run ends when three consecutive windows agree, or at the
/// maximum number of windows.
/// </summary>
internal sealed class LoadRun(BenchTarget target, Load load, BenchTimes times)
{
    private const int StableWindowCount = 3;

    /// <summary>
    /// The maximum deviation of the throughput and the p95 of each window from their means over the three windows: 0.1 is 10 % of the mean.
    /// </summary>
    private const double Tolerance = 0.1;

    /// <summary>
    /// The maximum number of requests in flight, so that a rate above the target's capacity does not fill this machine's memory.
    /// </summary>
    private const int MaxInFlight = 10_000;

    /// <summary>The interval at which the thread of an open loop sends the requests that are due.</summary>
    private static readonly TimeSpan SendInterval = TimeSpan.FromMilliseconds(1);

    private readonly LatencyRecorder _recorder = new();

    /// <summary>Sends requests and measures them. Call this once.</summary>
    public async Task<Measurement> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var callers = load.IsOpen
            ? [RunOpenLoopAsync(stop.Token)]
            : Enumerable.Range(0, (int)load.Level).Select(_ => RunCallerAsync(stop.Token)).ToArray();
        try
        {
            return await MeasureAsync(cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(callers);
        }
    }

    private async Task<Measurement> MeasureAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(times.WarmUp, TimeProvider.System, cancellationToken);
        var counts = new List<ServerCounts?> { await target.CountAsync(cancellationToken) };
        _recorder.Take();
        var windows = new List<Window>();
        do
        {
            await Task.Delay(times.Window, TimeProvider.System, cancellationToken);
            windows.Add(_recorder.Take());
            counts.Add(await target.CountAsync(cancellationToken));
        }
        while (!IsStable(windows) && windows.Count < times.MaxWindows);

        var last = windows.TakeLast(StableWindowCount).ToList();
        var averages = counts[^1] is { } after && counts[^(last.Count + 1)] is { } before ? after.GetAveragesSince(before) : null;
        return new Measurement(target.Name, load, Window.Join(last), averages, IsStable(windows));
    }

    private static bool IsStable(List<Window> windows)
    {
        if (windows.Count < StableWindowCount)
            return false;
        var last = windows.TakeLast(StableWindowCount).ToList();
        return AreClose(last.ConvertAll(window => window.Throughput)) && AreClose(last.ConvertAll(window => window.Percentile(95)));
    }

    private static bool AreClose(List<double> values)
    {
        var mean = values.Average();
        return values.TrueForAll(value => Math.Abs(value - mean) <= Tolerance * mean);
    }

    private async Task RunCallerAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // A failed request can complete synchronously. The yield lets other callers run before this caller sends again.
            if (!await SendAsync(cancellationToken))
                await Task.Yield();
        }
    }

    /// <summary>
    /// Sends requests at the rate of the load from a dedicated thread. The thread does not wait for responses, so a slow response does not
    /// delay later requests. The thread uses no timer: on Linux, a timer ticks every 10 ms and would send in bursts.
    /// </summary>
    private Task RunOpenLoopAsync(CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() =>
            SendAtRateAsync(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private Task SendAtRateAsync(CancellationToken cancellationToken)
    {
        var (clock, running, sent) = (TimeProvider.System, new List<Task>(), 0L);
        var start = clock.GetTimestamp();
        while (!cancellationToken.WaitHandle.WaitOne(SendInterval))
        {
            running.RemoveAll(task => task.IsCompleted);
            for (var dueCount = (long)(clock.GetElapsedTime(start).TotalSeconds * load.Level); sent < dueCount; sent++)
            {
                if (running.Count < MaxInFlight)
                    running.Add(SendAsync(cancellationToken));
                else
                    _recorder.AddFailure($"{MaxInFlight} requests are waiting for a response, so no more are sent");
            }
        }

        return Task.WhenAll(running);
    }

    /// <returns>False when the request failed or was cancelled.</returns>
    private async Task<bool> SendAsync(CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            var failure = await target.SendAsync(cancellationToken);
            if (failure is null)
                _recorder.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            else
                _recorder.AddFailure(failure);
            return failure is null;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

/// <summary>The durations of a load run, and the maximum number of its windows.</summary>
/// <param name="MaxWindows">
/// The number of windows after which a load is reported as unstable when no three consecutive windows agree.
/// </param>
internal sealed record BenchTimes(TimeSpan WarmUp, TimeSpan Window, int MaxWindows);

/// <summary>The result of one load on one target.</summary>
/// <param name="Result">The last windows, at most three, joined into one.</param>
/// <param name="Server">
/// The averages in the server during the windows of <paramref name="Result"/>; null when the target has no statistics or counted no
/// request.
/// </param>
/// <param name="IsStable">Whether the last three windows agree.</param>
internal sealed record Measurement(string Target, Load Load, Window Result, ServerAverages? Server, bool IsStable)
{
    /// <summary>The name of the measurement's line in a plot.</summary>
    public string Series => $"{Target}, {Load.Mode} loop";
}
