using System.Collections.Concurrent;
using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>
/// The replies that the host waits for. Unexpected replies, second replies, and replies with another request's id are violations.
/// </summary>
internal sealed class Replies(ProtocolViolations violations)
{
    private readonly ConcurrentDictionary<string, Reply> _replies = new(StringComparer.Ordinal);

    private Exception? _lost;

    /// <param name="key">The key of the reply; see <see cref="ReplyKeys"/>.</param>
    /// <param name="requestId">The id of the request.</param>
    /// <param name="mayRepeat">Whether the host may send several requests with this key, each with a reply.</param>
    public Reply Expect(string key, string requestId, bool mayRepeat = false)
    {
        var reply = new Reply(requestId);
        if (mayRepeat)
            _replies[key] = reply;
        else if (!_replies.TryAdd(key, reply))
            throw new InvalidOperationException($"{key} is expected already.");
        // The worker may have been lost just before the reply was added. Then no other code ends the wait.
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
