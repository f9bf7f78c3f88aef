using Inference.Azure.Predictions;

namespace Functions.Jobs;

/// <summary>
/// One run of a job: until it is disposed it looks whether the job has got a result elsewhere, which a cancellation is too.
/// </summary>
internal sealed class JobRun : IAsyncDisposable
{
    /// <summary>The most time for which a job runs on after another process cancelled it.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _superseded;
    private readonly PeriodicTimer _timer;
    private readonly Task _watch;

    public JobRun(Func<Task<bool>> hasResult, TimeProvider time, CancellationToken cancellationToken)
    {
        _superseded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _timer = new PeriodicTimer(Interval, time);
        _watch = WatchAsync(hasResult);
    }

    /// <summary>Cancelled when nobody needs the run any more, or by whoever began it.</summary>
    public CancellationToken Token => _superseded.Token;

    public Action Ended { get; set; } = static () => { };

    public async Task CancelAsync()
    {
        try
        {
            await _superseded.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // It has ended in this moment.
        }
    }

    public async ValueTask DisposeAsync()
    {
        Ended();
        _timer.Dispose();
        await _watch.ConfigureAwait(false);
        _superseded.Dispose();
    }

    private async Task WatchAsync(Func<Task<bool>> hasResult)
    {
        while (await _timer.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false))
        {
            try
            {
                if (await hasResult().ConfigureAwait(false))
                {
                    await _superseded.CancelAsync().ConfigureAwait(false);
                    return;
                }
            }
            catch (Exception e) when (e is PredictionStorageException or OperationCanceledException)
            {
                // The next look tells; the run itself meets the same trouble when it stores its result.
            }
        }
    }
}
