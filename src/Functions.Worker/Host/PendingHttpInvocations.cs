using System.Collections.Concurrent;

namespace Functions.Worker.Host;

/// <summary>The meetings of requests and invocations, by invocation id.</summary>
internal sealed class PendingHttpInvocations
{
    private readonly ConcurrentDictionary<string, PendingHttpInvocation> _meetings = new(StringComparer.Ordinal);

    public int Count => _meetings.Count;

    /// <summary>Whoever comes first makes it.</summary>
    public PendingHttpInvocation Join(string invocationId) => _meetings.GetOrAdd(invocationId, static _ => new PendingHttpInvocation());

    /// <summary>Ends it for this id; another of the same id, begun since, stays.</summary>
    public void Leave(string invocationId, PendingHttpInvocation meeting) => _meetings.TryRemove(new(invocationId, meeting));
}
