using Functions.Worker.Protocol;
using Google.Protobuf;
using Grpc.Core;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>
/// Replaces the generated base class of the service. Outgoing messages are bytes, so that a test can send malformed messages. The gRPC
/// server requires the shape of a generated class: a base class with a method to override.
/// </summary>
[BindServiceMethod(typeof(EventStreamBase), nameof(BindService))]
internal abstract class EventStreamBase
{
    private static readonly Method<StreamingMessage, byte[]> Call = new(
        MethodType.DuplexStreaming,
        "AzureFunctionsRpcMessages.FunctionRpc",
        nameof(EventStream),
        Marshallers.Create(static message => message.ToByteArray(), StreamingMessage.Parser.ParseFrom),
        Marshallers.Create(static bytes => bytes, static bytes => bytes));

    public static void BindService(ServiceBinderBase binder, EventStreamBase? service) =>
        binder.AddMethod(Call, service is null ? null : service.EventStream);

    public abstract Task EventStream(
        IAsyncStreamReader<StreamingMessage> inbox, IServerStreamWriter<byte[]> outbox, ServerCallContext call);
}
