using System.Collections.Concurrent;
using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>
/// The answers the host waits for, by what they answer. Answers nobody waits for, second ones, and ones that echo another
/// request's id are violations.
/// </summary>
internal sealed class Replies(ProtocolViolations violations)
{
    private readonly ConcurrentDictionary<string, Reply> _replies = new(StringComparer.Ordinal);

    private Exception? _lost;

    /// <param name="key">Which answer it is.</param>
    /// <param name="requestId">The id of the message that asks for it.</param>
    /// <param name="again">Whether the same can be asked more than once.</param>
    public Reply Expect(string key, string requestId, bool again = false)
    {
        var reply = new Reply(requestId);
        if (again)
            _replies[key] = reply;
        else if (!_replies.TryAdd(key, reply))
            throw new InvalidOperationException($"{key} is expected already.");
        // Lost between the two: nobody else would end the wait.
        if (Volatile.Read(ref _lost) is { } lost)
            reply.Fail(lost);
        return reply;
    }

    public void Complete(string key, StreamingMessage message)
    {
        if (!_replies.TryGetValue(key, out var reply))
            violations.Add($"{key}: nothing asked for this.");
        else if (message.RequestId != reply.RequestId)
            violations.Add($"{key}: it echoes request_id \"{message.RequestId}\", not \"{reply.RequestId}\" of what it answers.");
        else if (!reply.TryComplete(message))
            violations.Add($"{key}: a second answer.");
    }

    public void Fail(Exception reason)
    {
        Volatile.Write(ref _lost, reason);
        foreach (var reply in _replies.Values)
            reply.Fail(reason);
    }
}
