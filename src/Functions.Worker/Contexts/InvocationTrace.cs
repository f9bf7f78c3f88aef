using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Contexts;

/// <summary>The trace that an invocation belongs to, in the W3C form.</summary>
/// <param name="parent">Empty when the caller traces nothing.</param>
/// <param name="attributes">Values that a Functions host adds.</param>
internal sealed class InvocationTrace(string parent, string state, IReadOnlyDictionary<string, string> attributes) : TraceContext
{
    public override string TraceParent => parent;

    public override string TraceState => state;

    public override IReadOnlyDictionary<string, string> Attributes => attributes;
}
