using Microsoft.Extensions.Time.Testing;

namespace Functions.Worker.Tests.Standalone.Queues;

/// <summary>
/// A time provider that advances past the due time of each new timer at once, so that no code waits. It records the lengths of the waits.
/// </summary>
internal sealed class AutoAdvancingTimeProvider : FakeTimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _waits = [];
    private readonly TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _wanted = int.MaxValue;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime <= TimeSpan.Zero)
            return timer;

        lock (_lock)
        {
            _waits.Add(dueTime);
            if (_waits.Count >= _wanted)
                _enough.TrySetResult();
        }

        // The time advances on another thread, after the caller has received its timer.
        _ = Task.Run(() => Advance(dueTime));
        return timer;
    }

    /// <summary>Waits until at least <paramref name="count"/> waits were recorded, and returns them.</summary>
    public async Task<IReadOnlyList<TimeSpan>> WaitsAsync(int count)
    {
        lock (_lock)
        {
            _wanted = count;
            if (_waits.Count >= count)
                _enough.TrySetResult();
        }

        await _enough.Task;
        lock (_lock)
            return [.. _waits];
    }
}
