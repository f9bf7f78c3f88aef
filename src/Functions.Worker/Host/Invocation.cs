using System.Diagnostics.CodeAnalysis;
using Functions.Worker.Protocol;
using Functions.Worker.Registry;

namespace Functions.Worker.Host;

/// <summary>An invocation whose response the host waits for.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A cancel may arrive at any time. A token source without a timer needs no disposal.")]
internal sealed class Invocation(InvocationRequest request, FunctionDescriptor function)
{
    private readonly CancellationTokenSource _cancellation = new();
    private volatile bool _isOver;

    public string Id => request.InvocationId;

    public InvocationRequest Request => request;

    public FunctionDescriptor Function => function;

    /// <summary>Cancelled when the client disconnects, the host cancels, or the worker must end.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Whether the function has ended. After the end, the host no longer accepts log entries with the invocation's id.</summary>
    public bool IsOver => _isOver;

    public void Cancel() => _cancellation.Cancel();

    public void End() => _isOver = true;
}
