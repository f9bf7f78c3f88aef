using System.Diagnostics;
using Functions.Worker.Hosting;

namespace Functions.Worker.Host;

/// <summary>The scope of an invocation: logs and traces that are written in it belong to the invocation.</summary>
internal static class InvocationScope
{
    private static readonly AsyncLocal<Invocation?> Current = new();

    /// <summary>
    /// The id of the current invocation. Null outside an invocation, and after its end, because its background work keeps the context.
    /// </summary>
    public static string? InvocationId => Current.Value is { IsOver: false } invocation ? invocation.Id : null;

    /// <summary>Enters the scope, which ends with the calling async method.</summary>
    /// <returns>Null when nothing listens to the activity source.</returns>
    public static Activity? Enter(Invocation invocation)
    {
        Current.Value = invocation;
        var trace = invocation.Request.TraceContext;
        ActivityContext.TryParse(trace?.TraceParent, trace?.TraceState, isRemote: true, out var parent);
        return WorkerActivities.Start(invocation.Function.Name, invocation.Id, ActivityKind.Server, parent);
    }
}
