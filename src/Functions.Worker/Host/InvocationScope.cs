using System.Diagnostics;
using Functions.Worker.Hosting;

namespace Functions.Worker.Host;

/// <summary>The scope of an invocation. Logs and traces that are written within the scope belong to the invocation.</summary>
internal static class InvocationScope
{
    private static readonly AsyncLocal<Invocation?> Current = new();

    /// <summary>
    /// The id of the current invocation; null outside an invocation. The id is also null after the invocation's end: background work of the
    /// function keeps the scope, but the host no longer accepts the id.
    /// </summary>
    public static string? InvocationId => Current.Value is { IsOver: false } invocation ? invocation.Id : null;

    /// <summary>Enters the scope, which ends with the calling async method.</summary>
    /// <returns>The span of the invocation, which the caller disposes; null when no listener wants the span.</returns>
    public static Activity? Enter(Invocation invocation)
    {
        Current.Value = invocation;
        var trace = invocation.Request.TraceContext;
        ActivityContext.TryParse(trace?.TraceParent, trace?.TraceState, isRemote: true, out var parent);
        return WorkerActivities.Start(invocation.Function.Name, invocation.Id, ActivityKind.Server, parent);
    }
}
