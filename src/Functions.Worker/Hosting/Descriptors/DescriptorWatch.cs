using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Hosting.Descriptors;

/// <summary>
/// Tells when the process has run out of file descriptors, and when it has some again. Kestrel tries to accept a waiting connection
/// again at once, for as long as there is no descriptor for it, which takes a whole processor.
/// </summary>
/// <param name="canOpen">Whether another descriptor can be opened now.</param>
internal sealed partial class DescriptorWatch(Func<bool> canOpen, TimeProvider time, ILogger<DescriptorWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Descriptors that come and go by the second are one shortage to the reader of a log.</summary>
    private static readonly TimeSpan WarningInterval = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private Supply _supply = new();
    private bool _isExhausted;
    private long? _warned;

    /// <summary>Waits until there are descriptors.</summary>
    /// <returns>Is cancelled when the descriptors run out.</returns>
    public async ValueTask<CancellationToken> WaitAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var supply = Look();
            if (!supply.Exhausted.IsCancellationRequested)
                return supply.Exhausted.Token;
            await supply.Returned.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            Look();
    }

    private Supply Look()
    {
        Supply before, now;
        bool isExhausted;
        lock (_gate)
        {
            before = now = _supply;
            isExhausted = !canOpen();
            if (isExhausted == _isExhausted)
                return now;
            _isExhausted = isExhausted;
            if (!isExhausted)
                _supply = now = new Supply();
        }

        // Outside the lock: those who wait may come back here at once.
        if (isExhausted)
        {
            before.Exhausted.Cancel();
            Warn();
        }
        else
        {
            before.Returned.SetResult();
        }

        return now;
    }

    private void Warn()
    {
        lock (_gate)
        {
            if (_warned is { } last && time.GetElapsedTime(last) < WarningInterval)
                return;
            _warned = time.GetTimestamp();
        }

        Exhausted(ResourceLimits.OpenFiles);
    }

    [LoggerMessage(LogLevel.Warning, "No connection is accepted for now: all {Limit} file descriptors that the process may open "
        + "are in use. Raise the limit (ulimit -n, LimitNOFILE= of systemd, --ulimit nofile= of a container), or send requests over "
        + "fewer connections. Connections are accepted again when descriptors are free.")]
    private partial void Exhausted(ulong? limit);

    /// <summary>A time with descriptors, and the shortage after it.</summary>
    private sealed class Supply
    {
        /// <summary>Is cancelled when the descriptors run out. It has no timer, so that it needs no disposal.</summary>
        public CancellationTokenSource Exhausted { get; } = new();

        /// <summary>Completes when there are descriptors again.</summary>
        public TaskCompletionSource Returned { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
