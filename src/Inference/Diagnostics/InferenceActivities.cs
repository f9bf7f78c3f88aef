using System.Diagnostics;

namespace Inference.Diagnostics;

/// <summary>The activities of the engine; docs/operating.md shows their tree.</summary>
public static class InferenceActivities
{
    public const string SourceName = "Inference";

    internal static ActivitySource Source { get; } = new(SourceName);

    /// <summary>Starts the activity of a message, from its arrival to the message sent for it. Null without a listener.</summary>
    /// <param name="traceParent">
    /// The sender's trace context, in the W3C form. The activity joins that trace. Any other text has the activity join the trace of the
    /// delivery, or begin a new one.
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
