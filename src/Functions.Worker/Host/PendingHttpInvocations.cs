using System.Collections.Concurrent;

namespace Functions.Worker.Host;

/// <summary>HTTP invocations by their ids, from the arrival of the first half (request or announcement) to their end.</summary>
internal sealed class PendingHttpInvocations
{
    private readonly ConcurrentDictionary<string, PendingHttpInvocation> _invocations = new(StringComparer.Ordinal);

    public int Count => _invocations.Count;

    /// <summary>Returns the entry of the id. The half that arrives first creates the entry.</summary>
    public PendingHttpInvocation GetOrAdd(string invocationId) => _invocations.GetOrAdd(invocationId, static _ => new PendingHttpInvocation());

    /// <summary>Removes this entry. A newer entry with the same id stays.</summary>
    public void Remove(string invocationId, PendingHttpInvocation pending) => _invocations.TryRemove(new(invocationId, pending));
}
