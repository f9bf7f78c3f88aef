using System.Collections.Concurrent;

namespace Functions.Worker.Host;

/// <summary>The invocations whose request or announcement has yet to come, by invocation id.</summary>
internal sealed class PendingHttpInvocations
{
    private readonly ConcurrentDictionary<string, PendingHttpInvocation> _invocations = new(StringComparer.Ordinal);

    public int Count => _invocations.Count;

    /// <summary>Whoever comes first makes it.</summary>
    public PendingHttpInvocation Join(string invocationId) => _invocations.GetOrAdd(invocationId, static _ => new PendingHttpInvocation());

    /// <summary>Ends it for this id; another of the same id, begun since, stays.</summary>
    public void Leave(string invocationId, PendingHttpInvocation pending) => _invocations.TryRemove(new(invocationId, pending));
}
