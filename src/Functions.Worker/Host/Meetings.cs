using System.Collections.Concurrent;

namespace Functions.Worker.Host;

/// <summary>The meetings of requests and invocations, by invocation id.</summary>
internal sealed class Meetings
{
    private readonly ConcurrentDictionary<string, Meeting> _meetings = new(StringComparer.Ordinal);

    public int Count => _meetings.Count;

    /// <summary>Whoever comes first makes it.</summary>
    public Meeting Join(string invocationId) => _meetings.GetOrAdd(invocationId, static _ => new Meeting());

    /// <summary>Ends it for this id; another of the same id, begun since, stays.</summary>
    public void Leave(string invocationId, Meeting meeting) => _meetings.TryRemove(new(invocationId, meeting));
}
