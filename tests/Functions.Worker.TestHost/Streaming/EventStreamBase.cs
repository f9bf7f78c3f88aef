using Functions.Worker.Protocol;
using Google.Protobuf;
using Grpc.Core;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>
/// What would be generated for the service, except that bytes go out, so that a test can send what no message makes. The server
/// wants it to be like the generated class: a base whose method is overridden.
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
