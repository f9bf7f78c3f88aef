using System.Diagnostics;

namespace Inference.Diagnostics;

/// <summary>The spans of the engine; docs/operating.md shows their tree.</summary>
public static class InferenceActivities
{
    public const string SourceName = "Inference";

    internal static ActivitySource Source { get; } = new(SourceName);

    /// <summary>The span of a message from its arrival to what is sent for it; null when nobody listens.</summary>
    /// <param name="traceParent">
    /// The trace context of the sender, in the W3C form. The span becomes a part of that trace; any other text begins a new trace.
    /// </param>
    public static Activity? StartMessage(string? traceParent)
    {
        if (!Source.HasListeners())
            return null;
        var delivery = Activity.Current;
        var isKnown = ActivityContext.TryParse(traceParent, traceState: null, isRemote: true, out var sender);
        ActivityLink[] links = isKnown && delivery is not null ? [new(delivery.Context)] : [];
        return Source.StartActivity("process", ActivityKind.Consumer, isKnown ? sender : delivery?.Context ?? default, links: links);
    }
}
