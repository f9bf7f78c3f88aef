using Functions.Worker.Protocol;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>Sends the host's requests to a worker whose functions are loaded.</summary>
internal sealed class WorkerCalls(WorkerStream stream, FunctionsHostOptions options)
{
    /// <summary>The capabilities that the worker reported when it was initialized.</summary>
    public IReadOnlyDictionary<string, string> Capabilities { get; set; } = new Dictionary<string, string>();

    public Invocation Begin(string function, InvocationRequest request) => stream.Invocations.Begin(function, request);

    public void Send(Invocation invocation) =>
        stream.Send(new() { RequestId = invocation.RequestId, InvocationRequest = invocation.Request });

    public void Cancel(Invocation invocation)
    {
        if (Has("HandlesInvocationCancelMessage") && !invocation.Response.IsCompleted && invocation.TryCancel())
            Cancel(invocation.Id);
    }

    public void Cancel(string invocationId)
    {
        var cancel = new InvocationCancel { InvocationId = invocationId, GracePeriod = Duration.FromTimeSpan(options.Limits.Grace) };
        stream.Send(new() { RequestId = Guid.NewGuid().ToString(), InvocationCancel = cancel });
    }

    public Task<InvocationResponse> FinishAsync(Invocation invocation) =>
        stream.WaitWithinAsync(invocation.Response, $"InvocationResponse of {invocation.Function}", options.Limits.Invocation);

    public async Task<InvocationResult> InvokeAsync(string function, InvocationRequest request, CancellationToken cancellationToken)
    {
        var invocation = Begin(function, request);
        Send(invocation);
        await using var cancel = cancellationToken.Register(() => Cancel(invocation));
        return new InvocationResult(await FinishAsync(invocation));
    }

    public async Task<InvocationResult> InvokeUnreadableAsync()
    {
        // The field input_data with a length that exceeds the message.
        byte[] unreadable = [0x1A, 0x7F, 0x01];
        var invocation = Begin("an unreadable invocation", new InvocationRequest());
        var request = new InvocationRequest { InvocationId = invocation.Id }.ToByteArray().Concat(unreadable).ToArray();
        var contentTag = WireFormat.MakeTag(StreamingMessage.InvocationRequestFieldNumber, WireFormat.WireType.LengthDelimited);
        using var message = new MemoryStream();
        using (var output = new CodedOutputStream(message, leaveOpen: true))
        {
            output.WriteRawMessage(new StreamingMessage { RequestId = invocation.RequestId });
            output.WriteTag(contentTag);
            output.WriteBytes(ByteString.CopyFrom(request));
        }

        stream.SendBytes(message.ToArray());
        return new InvocationResult(await FinishAsync(invocation));
    }

    public async Task PingAsync()
    {
        var message = new StreamingMessage { RequestId = Guid.NewGuid().ToString(), WorkerStatusRequest = new() };
        var key = ReplyKeys.Status(message.RequestId);
        var reply = stream.Replies.Expect(key, message.RequestId);
        stream.Send(message);
        await stream.WaitWithinAsync(reply.Message, key, options.Limits.Status);
    }

    public async Task<FunctionEnvironmentReloadResponse> ReloadAsync(string appRoot, IReadOnlyDictionary<string, string> variables)
    {
        var request = new FunctionEnvironmentReloadRequest { FunctionAppDirectory = appRoot };
        foreach (var (name, value) in variables)
            request.EnvironmentVariables[name] = value;
        var response = await stream.RequestAsync(
            new() { FunctionEnvironmentReloadRequest = request },
            ReplyKeys.ForKind(StreamingMessage.ContentOneofCase.FunctionEnvironmentReloadResponse),
            options.Limits.Reload,
            mayRepeat: true);
        return response.FunctionEnvironmentReloadResponse;
    }

    public void Terminate() =>
        stream.Send(new() { WorkerTerminate = new() { GracePeriod = Duration.FromTimeSpan(options.Limits.Grace) } });

    private bool Has(string capability) => !string.IsNullOrEmpty(Capabilities.GetValueOrDefault(capability));
}
