namespace Microsoft.Azure.Functions.Worker;

/// <summary>The trace an invocation belongs to, in the W3C form.</summary>
public sealed class TraceContext(string traceParent, string traceState, IReadOnlyDictionary<string, string> attributes)
{
    /// <summary>Empty when the caller traces nothing.</summary>
    public string TraceParent { get; } = traceParent;

    public string TraceState { get; } = traceState;

    /// <summary>What a Functions host adds of its own.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; } = attributes;
}
