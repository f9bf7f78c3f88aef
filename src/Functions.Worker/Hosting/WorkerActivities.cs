using System.Diagnostics;

namespace Functions.Worker.Hosting;

/// <summary>The spans of invocations. Named as Microsoft's worker names its own, so that one setup of tracing finds either.</summary>
internal static class WorkerActivities
{
    private static readonly ActivitySource Source = new("Microsoft.Azure.Functions.Worker");

    /// <summary>Null when nobody listens.</summary>
    /// <param name="parent">None for an invocation that begins a trace.</param>
    public static Activity? Start(string function, string invocationId, ActivityKind kind, ActivityContext parent)
    {
        var activity = Source.StartActivity("Invoke", kind, parent);
        return activity?.SetTag("faas.name", function).SetTag("faas.invocation_id", invocationId);
    }
}
