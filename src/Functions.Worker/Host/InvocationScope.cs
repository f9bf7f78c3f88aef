using System.Diagnostics;
using Functions.Worker.Hosting;

namespace Functions.Worker.Host;

/// <summary>The scope of an invocation: logs and traces written in it belong to the invocation.</summary>
internal static class InvocationScope
{
    private static readonly AsyncLocal<Invocation?> Current = new();

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
        return WorkerActivities.Start(invocation.Function.Name, invocation.Id, ActivityKind.Server, parent);
    }
}
