using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Hosting.Descriptors;

/// <summary>
/// Detects when the process runs out of file descriptors and when descriptors are free again. Without this class, Kestrel would try to
/// accept a waiting connection again and again, in a loop that uses a whole processor.
/// </summary>
/// <param name="check">Determines whether another descriptor can be opened now.</param>
internal sealed partial class FileDescriptorMonitor(
    Func<DescriptorSupply> check, TimeProvider time, ILogger<FileDescriptorMonitor> logger)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>The minimum interval between two warnings. Several shortages within this interval cause only one warning.</summary>
    private static readonly TimeSpan WarningInterval = TimeSpan.FromMinutes(1);

    private const string Advice =
        "are in use. Raise the limit (ulimit -n, LimitNOFILE= of systemd, --ulimit nofile= of a container), or send requests over "
        + "fewer connections. Connections are accepted again when descriptors are free.";

    private readonly Lock _gate = new();
    private AvailablePeriod _period = new();
    private bool _isExhausted;
    private long? _lastWarning;

    /// <summary>Waits until a descriptor is free.</summary>
    /// <returns>A token that is cancelled when the descriptors run out.</returns>
    public async ValueTask<CancellationToken> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var period = UpdatePeriod();
            if (!period.Exhausted.IsCancellationRequested)
                return period.Exhausted.Token;
            await period.Recovered.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            UpdatePeriod();
    }

    private AvailablePeriod UpdatePeriod()
    {
        AvailablePeriod previous, current;
        DescriptorSupply supply;
        bool isExhausted;
        lock (_gate)
        {
            previous = current = _period;
            supply = check();
            isExhausted = supply != DescriptorSupply.Available;
            if (isExhausted == _isExhausted)
                return current;
            _isExhausted = isExhausted;
            if (!isExhausted)
                _period = current = new AvailablePeriod();
        }

        // This code runs outside the lock, because the waiting callers may call this method again at once.
        if (isExhausted)
        {
            previous.Exhausted.Cancel();
            Warn(supply);
        }
        else
        {
            previous.Recovered.SetResult();
        }

        return current;
    }

    private void Warn(DescriptorSupply supply)
    {
        lock (_gate)
        {
            if (_lastWarning is { } last && time.GetElapsedTime(last) < WarningInterval)
                return;
            _lastWarning = time.GetTimestamp();
        }

        if (supply == DescriptorSupply.SystemLimitReached)
            LogSystemLimitReached();
        else if (ResourceLimits.OpenFiles is { } limit)
            LogProcessLimitReached(limit);
        else
            LogUnknownLimitReached();
    }

    [LoggerMessage(LogLevel.Warning, "No connection is accepted for now: all {Limit} file descriptors that the process may open " + Advice)]
    private partial void LogProcessLimitReached(ulong limit);

    [LoggerMessage(LogLevel.Warning, "No connection is accepted for now: all file descriptors that the process may open " + Advice)]
    private partial void LogUnknownLimitReached();

    [LoggerMessage(LogLevel.Warning, "No connection is accepted for now: all file descriptors of the system are in use, in this process "
        + "or in others. Raise the limit (sysctl fs.file-max), or end the programs with the most open files. Connections are accepted "
        + "again when descriptors are free.")]
    private partial void LogSystemLimitReached();

    /// <summary>A period with free descriptors, and the shortage that ends the period.</summary>
    private sealed class AvailablePeriod
    {
        /// <summary>The source that is cancelled when the descriptors run out. It has no timer, so it needs no disposal.</summary>
        public CancellationTokenSource Exhausted { get; } = new();

        /// <summary>Completes when descriptors are free again.</summary>
        public TaskCompletionSource Recovered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
