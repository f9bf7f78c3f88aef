using System.Diagnostics.CodeAnalysis;

namespace Functions.Worker.Host;

/// <summary>The running invocations.</summary>
internal sealed class Invocations(TimeProvider time)
{
    /// <summary>
    /// How long cancelled invocations have to respond. The host allows five seconds beyond the grace period for the whole stop.
    /// </summary>
    private static readonly TimeSpan CancelTimeout = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Invocation> _running = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isStopping;

    /// <summary>Adds the invocation, unless the worker is stopping or an invocation with the same id is running.</summary>
    /// <param name="refusal">Receives the reason why the invocation was not added.</param>
    public bool TryAdd(Invocation invocation, [NotNullWhen(false)] out string? refusal)
    {
        lock (_lock)
        {
            refusal = _isStopping ? "The worker is stopping."
                : _running.TryAdd(invocation.Id, invocation) ? null : $"Invocation {invocation.Id} is already running.";
            return refusal is null;
        }
    }

    /// <summary>Cancels an invocation. Nothing happens when no invocation with the id is running.</summary>
    public void Cancel(string id)
    {
        Invocation? invocation;
        lock (_lock)
            _running.TryGetValue(id, out invocation);
        invocation?.Cancel();
    }

    public void CancelAll()
    {
        Invocation[] running;
        lock (_lock)
            running = [.. _running.Values];
        foreach (var invocation in running)
            invocation.Cancel();
    }

    /// <summary>
    /// Removes an invocation. Call this only after the response was queued: the last removal completes a drain, and the stream may end
    /// after a drain.
    /// </summary>
    public void Remove(Invocation invocation)
    {
        lock (_lock)
        {
            _running.Remove(invocation.Id);
            EndDrain();
        }
    }

    /// <summary>Accepts no more invocations.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopping = true;
            EndDrain();
        }
    }

    /// <summary>
    /// Accepts no more invocations and waits for the running ones. After the grace period, the remaining invocations are cancelled.
    /// </summary>
    public async Task DrainAsync(TimeSpan grace)
    {
        Stop();
        if (await WaitForDrainAsync(grace))
            return;

        CancelAll();
        await WaitForDrainAsync(CancelTimeout);
    }

    private void EndDrain()
    {
        if (_isStopping && _running.Count == 0)
            _drained.TrySetResult();
    }

    private async Task<bool> WaitForDrainAsync(TimeSpan timeout)
    {
        try
        {
            await _drained.Task.WaitAsync(timeout, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
