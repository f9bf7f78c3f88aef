using Inference.Models;

namespace Inference;

/// <summary>
/// The time limit of a request. The time starts after the request was read, and covers input preparation, waiting and the run.
/// </summary>
internal sealed class RequestTimeLimit : IDisposable
{
    private readonly TimeSpan _timeout;
    private readonly CancellationToken _caller;
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _either;

    public RequestTimeLimit(TimeSpan timeout, TimeProvider time, CancellationToken caller)
    {
        (_timeout, _caller, Deadline) = (timeout, caller, Deadline.After(timeout, time));
        _limit = new CancellationTokenSource(timeout, time);
        _either = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, caller);
    }

    public Deadline Deadline { get; }

    /// <summary>Cancelled when the time limit expires or the caller cancels.</summary>
    public CancellationToken Token => _either.Token;

    /// <summary>Whether the time limit expired before the caller cancelled.</summary>
    public bool HasExpired => _limit.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Creates the error for a request whose time limit has expired.</summary>
    public InferenceException CreateTimeoutError(OperationCanceledException inner) => new(
        InferenceError.DeadlineExceeded,
        $"The prediction did not complete within its time limit of {_timeout.TotalMilliseconds} ms.",
        inner);

    public void Dispose()
    {
        _either.Dispose();
        _limit.Dispose();
    }
}
