using Functions.Worker.Http;

namespace Functions.Worker.Host;

/// <summary>
/// Joins the two halves of an HTTP invocation: the request that the host forwards, and the announcement on the host's stream. The halves
/// arrive in any order. The half that arrives first waits for the other half, until a timeout. If the other half arrives at the moment of
/// the timeout, both halves get the same result: joined, or not joined.
/// </summary>
internal sealed class PendingHttpInvocation
{
    private readonly TaskCompletionSource<Invocation?> _announced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<FunctionOutcome> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The outcome of the request. The task completes after the whole response was sent.</summary>
    public Task<FunctionOutcome> Ended => _ended.Task;

    /// <summary>
    /// Reports that the request has arrived. Returns false when there already was a request with this id, or when the announced invocation
    /// no longer waits for its request.
    /// </summary>
    public bool TryMarkRequested() => _requested.TrySetResult(true);

    /// <summary>
    /// Reports that the invocation was announced. Returns false when the invocation was announced before, or when the request no longer
    /// waits for the announcement.
    /// </summary>
    public bool TryAnnounce(Invocation invocation) => _announced.TrySetResult(invocation);

    public void End(FunctionOutcome outcome) => _ended.TrySetResult(outcome);

    /// <summary>Waits for the announcement; returns null after the timeout, or when the client disconnects.</summary>
    public async Task<Invocation?> WaitForInvocationAsync(TimeSpan timeout, TimeProvider time, CancellationToken clientDisconnected)
    {
        try
        {
            return await _announced.Task.WaitAsync(timeout, time, clientDisconnected);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return _announced.TrySetResult(null) ? null : await _announced.Task;
        }
    }

    /// <summary>Waits for the request; returns false after the timeout, or when the invocation is cancelled.</summary>
    public async Task<bool> WaitForRequestAsync(TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            return await _requested.Task.WaitAsync(timeout, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return !_requested.TrySetResult(false);
        }
    }
}
