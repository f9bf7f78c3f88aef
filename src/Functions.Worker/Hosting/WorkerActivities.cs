using System.Diagnostics;

namespace Functions.Worker.Hosting;

/// <summary>
/// The spans of invocations. The spans have the same names as those of Microsoft's worker, so one tracing setup finds the spans of both
/// workers.
/// </summary>
internal static class WorkerActivities
{
    private static readonly ActivitySource Source = new("Microsoft.Azure.Functions.Worker");

    /// <summary>Starts a span, which the caller disposes; returns null when no listener wants the span.</summary>
    /// <param name="parent">The parent span; the default value when the invocation begins a new trace.</param>
    public static Activity? Start(string function, string invocationId, ActivityKind kind, ActivityContext parent)
    {
        var activity = Source.StartActivity("Invoke", kind, parent);
        return activity?.SetTag("faas.name", function).SetTag("faas.invocation_id", invocationId);
    }
}
