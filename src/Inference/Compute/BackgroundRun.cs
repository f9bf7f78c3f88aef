using System.Diagnostics;

namespace Inference.Compute;

/// <summary>A run of a <see cref="BackgroundJob"/> or of a <see cref="WorkQueue"/>.</summary>
/// <param name="slots">The number of slots; at least 1.</param>
internal abstract class BackgroundRun(int slots)
{
    public int Slots => slots;

    /// <summary>Whether the work has ended or was cancelled before it started.</summary>
    public abstract bool HasEnded { get; }

    /// <summary>Runs the work on the calling thread.</summary>
    /// <returns>The duration of the run; null when it was cancelled before its start.</returns>
    public abstract TimeSpan? Execute();
}

/// <inheritdoc/>
internal sealed class BackgroundRun<T> : BackgroundRun
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Func<T> _work;
    private readonly CancellationToken _cancellationToken;
    private readonly CancellationTokenRegistration _registration;
    private int _isStarted;

    public BackgroundRun(Func<T> work, int slots, CancellationToken cancellationToken)
        : base(slots)
    {
        (_work, _cancellationToken) = (work, cancellationToken);
        _registration = cancellationToken.UnsafeRegister(static run => ((BackgroundRun<T>)run!).CancelUnlessStarted(), this);
    }

    /// <summary>The result of the work. The task is cancelled at once when the token is cancelled before the work has started.</summary>
    public Task<T> Task => _completion.Task;

    public override bool HasEnded => _completion.Task.IsCompleted;

    public override TimeSpan? Execute()
    {
        _registration.Unregister();
        if (!TryStart())
            return null;
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

        return Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Returns true only for the first caller, which is the run or its cancellation.</summary>
    private bool TryStart() => Interlocked.Exchange(ref _isStarted, 1) == 0;

    private void CancelUnlessStarted()
    {
        if (TryStart())
            _completion.SetCanceled(_cancellationToken);
    }
}
