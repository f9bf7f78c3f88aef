using Inference.Models;

namespace Inference.Compute;

/// <summary>
/// A session with a count of its users, such as leases and running batches. When the last user releases it, the session is disposed on the
/// thread pool. The disposal may wait for a run, so it must not block the last user's thread, which may be a compute thread.
/// </summary>
/// <param name="session">The session, owned by this object.</param>
/// <param name="onEnded">Called after the session was disposed, with the exception if the disposal failed.</param>
internal sealed class SharedSession(IModelSession session, Action<Exception?> onEnded)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The number of users. The creator is the first user.</summary>
    private int _users = 1;

    public IModelSession Session => session;

    public int Users => Volatile.Read(ref _users);

    /// <summary>Completes when the session has been disposed, even if the disposal failed.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Adds a user, unless all users have released the session.</summary>
    public bool TryRetain()
    {
        var users = Volatile.Read(ref _users);
        while (users > 0)
        {
            var current = Interlocked.CompareExchange(ref _users, users + 1, users);
            if (current == users)
                return true;
            users = current;
        }

        return false;
    }

    /// <summary>Adds a user. Call this only while another user holds the session.</summary>
    public void Retain() => Interlocked.Increment(ref _users);

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
            _ = Task.Run(EndAsync);
    }

    private async Task EndAsync()
    {
        Exception? failure = null;
        try
        {
            await session.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
        }

        onEnded(failure);
        _ended.SetResult();
    }
}
