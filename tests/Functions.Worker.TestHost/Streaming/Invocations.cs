using System.Collections.Concurrent;
using System.Diagnostics;
using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>All invocations of a worker, and the check that each gets exactly one valid response.</summary>
internal sealed class Invocations(ProtocolViolations violations)
{
    private readonly ConcurrentDictionary<string, Invocation> _all = new(StringComparer.Ordinal);

    private Exception? _lost;

    /// <summary>The invocations that still need a response.</summary>
    public IEnumerable<Invocation> Running =>
        _all.Values.Where(invocation => !invocation.IsOptional && !invocation.Response.IsCompleted);

    /// <param name="function">The name of the function, for messages.</param>
    /// <param name="request">The request. It gets a new id, and a new trace context when it has none.</param>
    public Invocation Begin(string function, InvocationRequest request)
    {
        request.InvocationId = Guid.NewGuid().ToString();
        request.TraceContext ??= new RpcTraceContext
        {
            TraceParent = $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01",
        };
        return Track(new Invocation(function, request));
    }

    public Invocation Track(Invocation invocation)
    {
        _all[invocation.Id] = invocation;
        // The worker may have been lost just before the invocation was added. Then no other code ends the wait.
        if (Volatile.Read(ref _lost) is { } lost)
            invocation.Fail(lost);
        return invocation;
    }

    public Invocation? Find(string id) => _all.GetValueOrDefault(id);

    public void Complete(StreamingMessage message)
    {
        var response = message.InvocationResponse;
        if (Find(response.InvocationId) is not { } invocation)
        {
            violations.Add($"InvocationResponse for the unknown invocation \"{response.InvocationId}\".");
            return;
        }

        var name = $"InvocationResponse of {invocation.Function}";
        if (message.RequestId != invocation.RequestId)
            violations.Add($"{name}: it echoes request_id \"{message.RequestId}\", not \"{invocation.RequestId}\" of what it answers.");
        StatusCheck.Check(name, response.Result, violations);
        if (!invocation.TryComplete(response))
            violations.Add($"{name}: a second answer to {response.InvocationId}.");
    }

    public void Fail(Exception reason)
    {
        Volatile.Write(ref _lost, reason);
        foreach (var invocation in _all.Values)
            invocation.Fail(reason);
    }
}
