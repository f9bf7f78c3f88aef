using Inference.Azure.Predictions;

namespace Functions.Jobs;

/// <summary>
/// One run of a job. Until this object is disposed, a timer checks whether the job already has a result. If so, <see cref="Token"/> is
/// cancelled. Another process cancels the job by storing a cancellation as the job's result.
/// </summary>
internal sealed class JobRun : IAsyncDisposable
{
    /// <summary>The interval of the checks. A run can continue for this long after another process has cancelled the job.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _cancellation;
    private readonly PeriodicTimer _timer;
    private readonly Task _watch;

    /// <summary>Starts the checks.</summary>
    /// <param name="hasResult">Returns whether the job has a result.</param>
    public JobRun(Func<Task<bool>> hasResult, TimeProvider time, CancellationToken cancellationToken)
    {
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = new PeriodicTimer(Interval, time);
        _watch = WatchAsync(hasResult);
    }

    /// <summary>
    /// The token for the work of the run. The token is cancelled by <see cref="CancelAsync"/>, by the caller's token, or when a check finds
    /// a result.
    /// </summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>The action that runs when this object is disposed.</summary>
    public Action OnDisposed { get; set; } = static () => { };

    /// <summary>Cancels the run. Has no effect after the run has ended.</summary>
    public async Task CancelAsync()
    {
        try
        {
            await _cancellation.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The run has just ended.
        }
    }

    public async ValueTask DisposeAsync()
    {
        OnDisposed();
        _timer.Dispose();
        await _watch.ConfigureAwait(false);
        _cancellation.Dispose();
    }

    private async Task WatchAsync(Func<Task<bool>> hasResult)
    {
        while (await _timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false))
        {
            try
            {
                if (await hasResult().ConfigureAwait(false))
                {
                    await _cancellation.CancelAsync().ConfigureAwait(false);
                    return;
                }
            }
            catch (Exception e) when (e is PredictionStorageException or OperationCanceledException)
            {
                // The next check tries again. If the storage stays unavailable, the run itself fails when it stores its result.
            }
        }
    }
}
