using System.Collections.Concurrent;
using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>
/// Sorts the worker's log entries as the host does. A user entry belongs to a running invocation, a system entry to the worker. The host
/// drops all others.
/// </summary>
internal sealed class WorkerLogs(Invocations invocations)
{
    private readonly ConcurrentQueue<RpcLog> _all = new();
    private readonly ConcurrentQueue<RpcLog> _system = new();

    private int _dropped;

    private event Action<RpcLog>? Added;

    public IReadOnlyCollection<RpcLog> System => _system;

    public int Dropped => Volatile.Read(ref _dropped);

    /// <summary>Waits for an entry, kept or dropped, that contains the text.</summary>
    public async Task WaitForAsync(string text, TimeSpan limit, TimeProvider time)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Added += Check;
        foreach (var log in _all)
            Check(log);
        try
        {
            await found.Task.WaitAsync(limit, time);
        }
        finally
        {
            Added -= Check;
        }

        void Check(RpcLog log)
        {
            if (log.Message.Contains(text, StringComparison.Ordinal))
                found.TrySetResult();
        }
    }

    public void Add(RpcLog log)
    {
        _all.Enqueue(log);
        Added?.Invoke(log);
        if (log.LogCategory == RpcLog.Types.RpcLogCategory.System)
            _system.Enqueue(log);
        else if (invocations.Find(log.InvocationId) is { Response.IsCompleted: false } invocation)
            invocation.Logs.Enqueue(log);
        else
            Interlocked.Increment(ref _dropped);
    }
}
