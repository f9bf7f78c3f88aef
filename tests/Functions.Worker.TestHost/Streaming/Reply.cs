using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>An answer that is waited for: which message it must echo the id of.</summary>
internal sealed class Reply(string requestId)
{
    private readonly TaskCompletionSource<StreamingMessage> _message = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string RequestId => requestId;

    public Task<StreamingMessage> Message => _message.Task;

    public bool TryComplete(StreamingMessage message) => _message.TrySetResult(message);

    public void Fail(Exception reason) => _message.TrySetException(reason);
}
