using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Contexts;

/// <summary>The trace context of an invocation, in W3C format.</summary>
/// <param name="parent">The <c>traceparent</c> header; empty when the caller sent no trace context.</param>
/// <param name="attributes">Values that a Functions host adds to the trace context.</param>
internal sealed class InvocationTrace(string parent, string state, IReadOnlyDictionary<string, string> attributes) : TraceContext
{
    public override string TraceParent => parent;

    public override string TraceState => state;

    public override IReadOnlyDictionary<string, string> Attributes => attributes;
}
