using Functions.Worker.Http;

namespace Functions.Worker.Host;

/// <summary>
/// One HTTP invocation's two halves, its request and its announcement on the stream, in whichever order they come. Each waits for
/// the other until it gives up, and whoever is first, the other or the giving up, decides for both.
/// </summary>
internal sealed class PendingHttpInvocation
{
    private readonly TaskCompletionSource<Invocation?> _announced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool> _requested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<FunctionOutcome> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The outcome of the request. It is known when the whole response was sent.</summary>
    public Task<FunctionOutcome> Ended => _ended.Task;

    /// <summary>False when there is a request with this id, or nobody waits for one any more.</summary>
    public bool TryRequest() => _requested.TrySetResult(true);

    /// <summary>False when there was an announcement with this id, or nobody waits for one any more.</summary>
    public bool TryAnnounce(Invocation invocation) => _announced.TrySetResult(invocation);

    public void End(FunctionOutcome outcome) => _ended.TrySetResult(outcome);

    /// <summary>Null after the patience, or when the client leaves.</summary>
    public async Task<Invocation?> InvocationAsync(TimeSpan patience, TimeProvider time, CancellationToken clientLeft)
    {
        try
        {
            return await _announced.Task.WaitAsync(patience, time, clientLeft);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return _announced.TrySetResult(null) ? null : await _announced.Task;
        }
    }

    /// <summary>False after the patience, or when the invocation is cancelled.</summary>
    public async Task<bool> IsRequestedAsync(TimeSpan patience, TimeProvider time, CancellationToken cancelled)
    {
        try
        {
            return await _requested.Task.WaitAsync(patience, time, cancelled);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return !_requested.TrySetResult(false);
        }
    }
}
