using System.Collections.Concurrent;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>Collects actions of the worker that a host would refuse or silently ignore.</summary>
internal sealed class ProtocolViolations
{
    private readonly ConcurrentQueue<string> _found = new();

    public void Add(string violation) => _found.Enqueue(violation);

    /// <summary>Returns and removes the violations that were found.</summary>
    public IReadOnlyList<string> Take()
    {
        var taken = new List<string>();
        while (_found.TryDequeue(out var violation))
            taken.Add(violation);
        return taken;
    }

    public void ThrowIfAny(string output)
    {
        if (Take() is { Count: > 0 } violations)
            throw new WorkerViolationException($"{string.Join('\n', violations)}\nThe worker's output:\n{output}");
    }
}
