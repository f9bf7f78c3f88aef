namespace Cli.Bench;

/// <summary>Puts one load on one target until three windows in a row agree.</summary>
internal sealed class LoadRun(BenchTarget target, Load load, BenchTimes times)
{
    private const int StableWindows = 3;

    /// <summary>How far throughput and p95 of a window may be from the three's mean.</summary>
    private const double Tolerance = 0.1;

    /// <summary>A rate that the target cannot keep up with must not fill this machine's memory.</summary>
    private const int MaxInFlight = 10_000;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    private readonly LatencyRecorder _recorder = new();

    public async Task<Measurement> RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var callers = load.IsOpen
            ? [OpenAsync(stop.Token)]
            : Enumerable.Range(0, (int)load.Level).Select(_ => CallAsync(stop.Token)).ToArray();
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

        var last = windows.TakeLast(StableWindows).ToList();
        var split = counts[^1] is { } after && counts[^(last.Count + 1)] is { } before ? after.Since(before) : null;
        return new Measurement(target.Name, load, Window.Join(last), split, IsStable(windows));
    }

    private static bool IsStable(List<Window> windows)
    {
        if (windows.Count < StableWindows)
            return false;
        var last = windows.TakeLast(StableWindows).ToList();
        return Agree(last.ConvertAll(window => window.Throughput)) && Agree(last.ConvertAll(window => window.Percentile(95)));
    }

    private static bool Agree(List<double> values)
    {
        var mean = values.Average();
        return values.TrueForAll(value => Math.Abs(value - mean) <= Tolerance * mean);
    }

    private async Task CallAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // A target that refuses at once is not asked again before others had their turn.
            if (!await SendAsync(cancellationToken))
                await Task.Yield();
        }
    }

    /// <summary>
    /// A thread of its own, which waits for no answer, so that a slow one does not put off those behind it. .NET's timers would tick every
    /// 10 ms on Linux, and send in bursts.
    /// </summary>
    private Task OpenAsync(CancellationToken cancellationToken) =>
        Task.Factory.StartNew(() =>
            SendAtRateAsync(cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();

    private Task SendAtRateAsync(CancellationToken cancellationToken)
    {
        var (clock, running, sent) = (TimeProvider.System, new List<Task>(), 0L);
        var start = clock.GetTimestamp();
        while (!cancellationToken.WaitHandle.WaitOne(Tick))
        {
            running.RemoveAll(task => task.IsCompleted);
            for (var due = (long)(clock.GetElapsedTime(start).TotalSeconds * load.Level); sent < due; sent++)
            {
                if (running.Count < MaxInFlight)
                    running.Add(SendAsync(cancellationToken));
                else
                    _recorder.Fail($"{MaxInFlight} requests wait for their answer; no more are sent");
            }
        }

        return Task.WhenAll(running);
    }

    /// <returns>Whether it was answered.</returns>
    private async Task<bool> SendAsync(CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        try
        {
            var failure = await target.SendAsync(cancellationToken);
            if (failure is null)
                _recorder.Add(TimeProvider.System.GetElapsedTime(start).TotalMilliseconds);
            else
                _recorder.Fail(failure);
            return failure is null;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}

/// <param name="MaxWindows">After which a load that does not settle is given up, and said to be unstable.</param>
internal sealed record BenchTimes(TimeSpan WarmUp, TimeSpan Window, int MaxWindows);

/// <param name="Result">Of the last windows.</param>
/// <param name="Server">Null when the target keeps no statistics.</param>
/// <param name="IsStable">Whether these windows agree.</param>
internal sealed record Measurement(string Target, Load Load, Window Result, ServerSplit? Server, bool IsStable)
{
    /// <summary>What a plot draws as one line.</summary>
    public string Series => $"{Target}, {Load.Mode} loop";
}
