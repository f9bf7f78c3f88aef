using System.Diagnostics;
using Inference.Diagnostics;

namespace Inference.Batching;

/// <summary>
/// Creates the activity of a batch: a child of its first traced request's activity, linked to the activities of its other traced requests.
/// </summary>
internal static class BatchTrace
{
    /// <summary>Starts the activity. Returns null when no request of the batch is traced, or the batch is not sampled.</summary>
    public static Activity? Start(Batch batch)
    {
        if (!InferenceActivities.Source.HasListeners())
            return null;
        var traces = batch.Parts.Select(part => part.Request.Trace).OfType<PredictionTrace>().ToList();
        if (traces.Count == 0)
            return null;
        var activity = InferenceActivities.Source.StartActivity(
            "batch", ActivityKind.Internal, traces[0].Context, links: traces.Skip(1).Select(trace => new ActivityLink(trace.Context)));
        activity?.SetTag("inference.batch.requests", batch.Parts.Count).SetTag("inference.batch.items", batch.ItemCount);
        foreach (var trace in traces)
            trace.RecordRunStart(activity?.Context ?? default);
        return activity;
    }
}
