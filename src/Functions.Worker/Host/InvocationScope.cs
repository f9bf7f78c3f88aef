using System.Diagnostics;

namespace Functions.Worker.Host;

/// <summary>Where code runs for an invocation: what it logs and traces belongs to that.</summary>
internal static class InvocationScope
{
    private static readonly AsyncLocal<Invocation?> Current = new();

    /// <summary>Named as Microsoft's worker names its own, so that one setup of tracing finds either.</summary>
    private static readonly ActivitySource Activities = new("Microsoft.Azure.Functions.Worker");

    /// <summary>
    /// Null outside an invocation, and after its end: what it has started in the background keeps its context for good.
    /// </summary>
    public static string? InvocationId => Current.Value is { IsOver: false } invocation ? invocation.Id : null;

    /// <summary>Begins in the calling async method, and ends with it. The activity is null when nobody listens.</summary>
    public static Activity? Enter(Invocation invocation)
    {
        Current.Value = invocation;
        var trace = invocation.Request.TraceContext;
        ActivityContext.TryParse(trace?.TraceParent, trace?.TraceState, isRemote: true, out var parent);
        var activity = Activities.StartActivity("Invoke", ActivityKind.Server, parent);
        activity?.SetTag("faas.name", invocation.Function.Name).SetTag("faas.invocation_id", invocation.Id);
        return activity;
    }
}
