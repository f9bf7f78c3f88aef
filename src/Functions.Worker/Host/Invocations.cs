namespace Functions.Worker.Host;

/// <summary>The invocations that run.</summary>
internal sealed class Invocations(TimeProvider time)
{
    /// <summary>For those that were cancelled to say so. The host gives five seconds beyond the grace period, for the whole stop.</summary>
    private static readonly TimeSpan CancelPatience = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Invocation> _running = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isStopping;

    /// <summary>Null when the invocation may run, or else why not.</summary>
    public string? Refusal(Invocation invocation)
    {
        lock (_lock)
        {
            if (_isStopping)
                return "The worker is stopping.";
            return _running.TryAdd(invocation.Id, invocation) ? null : $"Invocation {invocation.Id} runs already.";
        }
    }

    /// <summary>Cancels an invocation; one that is over needs it no more.</summary>
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

    /// <summary>To be called when the invocation's response is on its way, since a drain ends with the last one.</summary>
    public void Remove(Invocation invocation)
    {
        lock (_lock)
        {
            _running.Remove(invocation.Id);
            EndDrain();
        }
    }

    /// <summary>Lets none begin any more.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _isStopping = true;
            EndDrain();
        }
    }

    /// <summary>Lets none begin, and waits for those that run; what still does at the end of the grace period is cancelled.</summary>
    public async Task DrainAsync(TimeSpan grace)
    {
        Stop();
        if (await IsDrainedWithinAsync(grace))
            return;

        CancelAll();
        await IsDrainedWithinAsync(CancelPatience);
    }

    private void EndDrain()
    {
        if (_isStopping && _running.Count == 0)
            _drained.TrySetResult();
    }

    private async Task<bool> IsDrainedWithinAsync(TimeSpan patience)
    {
        try
        {
            await _drained.Task.WaitAsync(patience, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
