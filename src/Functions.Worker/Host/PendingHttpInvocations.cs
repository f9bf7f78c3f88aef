using System.Collections.Concurrent;

namespace Functions.Worker.Host;

/// <summary>HTTP invocations of which one half, the request or the announcement, is still missing, by invocation id.</summary>
internal sealed class PendingHttpInvocations
{
    private readonly ConcurrentDictionary<string, PendingHttpInvocation> _invocations = new(StringComparer.Ordinal);

    public int Count => _invocations.Count;

    /// <summary>Returns the entry of the id. The half that arrives first creates it.</summary>
    public PendingHttpInvocation Join(string invocationId) => _invocations.GetOrAdd(invocationId, static _ => new PendingHttpInvocation());

    /// <summary>Removes this entry. A newer entry with the same id stays.</summary>
    public void Leave(string invocationId, PendingHttpInvocation pending) => _invocations.TryRemove(new(invocationId, pending));
}
