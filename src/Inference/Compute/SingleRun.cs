using System.Diagnostics;

namespace Inference.Compute;

/// <summary>Work that takes slots once and that no request waits for.</summary>
internal sealed class SingleRun<T> : ComputeClient
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Governor _governor;
    private readonly Func<T> _work;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _registration;
    private bool _isStarted;

    public SingleRun(Governor governor, Func<T> work, int slots, CancellationToken cancellationToken)
    {
        (_governor, _work, Slots, _cancellationToken) = (governor, work, slots, cancellationToken);
        _registration = cancellationToken.UnsafeRegister(static run => ((SingleRun<T>)run!).CancelUnlessStarted(), this);
    }

    public override int Slots { get; }

    /// <summary>The result of the work. It is cancelled at once when the token fires before the work has started.</summary>
    public Task<T> Task => _completion.Task;

    public override ValueTask<TimeSpan?> RunNextAsync()
    {
        _governor.Formed(this, more: false);
        _registration.Unregister();
        if (!TryStart())
            return default;
        var started = Stopwatch.GetTimestamp();
        try
        {
            _completion.SetResult(_work());
        }
        catch (OperationCanceledException e) when (_cancellationToken.IsCancellationRequested)
        {
            _completion.SetCanceled(e.CancellationToken);
        }
        catch (Exception e)
        {
            _completion.SetException(e);
        }

        return ValueTask.FromResult<TimeSpan?>(Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Whoever turns the flag first decides: the run, or its cancellation.</summary>
    private bool TryStart() => !Interlocked.Exchange(ref _isStarted, true);

    private void CancelUnlessStarted()
    {
        if (TryStart())
            _completion.SetCanceled(_cancellationToken);
    }
}
