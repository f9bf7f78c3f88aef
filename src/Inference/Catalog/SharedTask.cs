using System.Diagnostics.CodeAnalysis;

namespace Inference.Catalog;

/// <summary>
/// One run of an operation that any number of callers wait for. The run is cancelled when the last caller cancels, or by
/// <see cref="StopAsync"/>. A caller's own token ends only that caller's wait.
/// </summary>
[SuppressMessage("Design", "CA1001",
    Justification = "A CancellationTokenSource without timer or wait handle needs no disposal. Callers may join and cancel after the run.")]
internal sealed class SharedTask<T>
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _abandonSource = new();
    private readonly Task<T> _task;
    private int _waiters;
    private bool _isAbandoned;

    /// <param name="after">A task that must end, successfully or not, before the operation starts, so that two runs never overlap.</param>
    public SharedTask(Func<CancellationToken, Task<T>> operation, SharedTask<T>? after = null)
    {
        // The operation runs on the thread pool, because the first caller may hold a lock, and must be able to cancel during the operation.
        _task = Task.Run(async () =>
        {
            if (after is not null)
                await Task.WhenAny(after._task).ConfigureAwait(false);
            return await operation(_abandonSource.Token).ConfigureAwait(false);
        });
        // The exception is observed, so that a failure after the last caller has cancelled is not reported as unobserved.
        _task.ContinueWith(static task =>
            _ = task.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public bool IsCompleted => _task.IsCompleted;

    public bool HasWaiters => Volatile.Read(ref _waiters) > 0;

    /// <summary>
    /// Adds a waiting caller. Returns false when the operation was cancelled: the last caller has cancelled, or <see cref="StopAsync"/> was
    /// called.
    /// </summary>
    public bool TryJoin()
    {
        lock (_gate)
        {
            if (_isAbandoned)
                return false;
            _waiters++;
            return true;
        }
    }

    /// <summary>Waits for the result. Call this once for each successful <see cref="TryJoin"/>.</summary>
    public async Task<T> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A caller still waits, so only StopAsync can have cancelled the operation.
            throw InferenceException.CreateStoppingError();
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Cancels the operation for all callers and waits for its end.</summary>
    public async Task StopAsync()
    {
        lock (_gate)
            _isAbandoned = true;
        _abandonSource.Cancel();
        await Task.WhenAny(_task).ConfigureAwait(false);
    }

    private void Leave()
    {
        lock (_gate)
        {
            if (--_waiters > 0 || _task.IsCompleted)
                return;
            _isAbandoned = true;
        }

        _abandonSource.Cancel();
    }
}
