using System.Collections.Concurrent;
using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>An invocation that was sent or will be sent to the worker.</summary>
internal sealed class Invocation(string function, InvocationRequest request)
{
    private readonly TaskCompletionSource<InvocationResponse> _response = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _cancelled;

    public string Id => request.InvocationId;

    public string Function => function;

    /// <summary>The id of the message that contains the request.</summary>
    public string RequestId { get; } = Guid.NewGuid().ToString();

    public InvocationRequest Request => request;

    public Task<InvocationResponse> Response => _response.Task;

    /// <summary>Whether the worker may omit the response.</summary>
    public bool IsOptional { get; init; }

    public ConcurrentQueue<RpcLog> Logs { get; } = new();

    public bool TryComplete(InvocationResponse response) => _response.TrySetResult(response);

    /// <summary>Marks the invocation as cancelled. Returns true only for the first call.</summary>
    public bool TryCancel() => Interlocked.Exchange(ref _cancelled, 1) == 0;

    public void Fail(Exception reason) => _response.TrySetException(reason);
}
