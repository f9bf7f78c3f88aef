using Inference.Models;

namespace Inference;

/// <summary>
/// The time limit of a request. The time starts after the request was read. It covers the preparation of the inputs, the wait and the run.
/// </summary>
internal sealed class RequestTimeLimit : IDisposable
{
    private readonly TimeSpan _timeout;
    private readonly CancellationToken _callerToken;
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _linked;

    public RequestTimeLimit(TimeSpan timeout, TimeProvider time, CancellationToken callerToken)
    {
        (_timeout, _callerToken, Deadline) = (timeout, callerToken, Deadline.After(timeout, time));
        _limit = new CancellationTokenSource(timeout, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_limit.Token, callerToken);
    }

    public Deadline Deadline { get; }

    /// <summary>Cancelled when the time limit expires or the caller cancels.</summary>
    public CancellationToken Token => _linked.Token;

    /// <summary>Whether the time limit expired before the caller cancelled.</summary>
    public bool HasExpired => _limit.IsCancellationRequested && !_callerToken.IsCancellationRequested;

    /// <summary>Creates the error for a request whose time limit has expired.</summary>
    public InferenceException CreateTimeoutError(OperationCanceledException inner) => new(
        InferenceError.DeadlineExceeded,
        $"The prediction did not complete within its time limit of {_timeout.TotalMilliseconds} ms. "
        + "Send fewer items, or allow more time.",
        inner);

    public void Dispose()
    {
        _linked.Dispose();
        _limit.Dispose();
    }
}
