using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>A reply that the host waits for, and the request id that the reply must repeat.</summary>
internal sealed class Reply(string requestId)
{
    private readonly TaskCompletionSource<StreamingMessage> _message = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string RequestId => requestId;

    public Task<StreamingMessage> Message => _message.Task;

    public bool TryComplete(StreamingMessage message) => _message.TrySetResult(message);

    public void Fail(Exception reason) => _message.TrySetException(reason);
}
