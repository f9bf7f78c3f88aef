using System.Diagnostics;

namespace Inference.Diagnostics;

/// <summary>The activities of the engine; docs/operating.md shows their tree.</summary>
public static class InferenceActivities
{
    /// <summary>The name of the activity source, for listeners.</summary>
    public const string SourceName = "Inference";

    internal static ActivitySource Source { get; } = new(SourceName);

    /// <summary>
    /// Starts the activity of a queue message, which lasts from the message's arrival until the result is sent. Returns null without a
    /// listener.
    /// </summary>
    /// <param name="traceParent">
    /// The sender's trace context, in the W3C form. The activity joins the sender's trace. If the text is null or has another form, the
    /// activity joins the trace of the delivery. Without a delivery, the activity begins a new trace.
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
