using Functions.Worker.Protocol;
using Google.Protobuf;
using Grpc.Core;

namespace Functions.Worker.Tests.Host;

/// <summary>The host's side of the protocol. Outgoing messages are bytes, so that a test can send malformed messages.</summary>
[BindServiceMethod(typeof(FakeHostServiceBase), nameof(Bind))]
internal abstract class FakeHostServiceBase
{
    private static readonly Method<StreamingMessage, byte[]> Method = new(
        MethodType.DuplexStreaming,
        "AzureFunctionsRpcMessages.FunctionRpc",
        "EventStream",
        Marshallers.Create(message => message.ToByteArray(), StreamingMessage.Parser.ParseFrom),
        Marshallers.Create(bytes => bytes, bytes => bytes));

    public static void Bind(ServiceBinderBase binder, FakeHostServiceBase? service) => binder.AddMethod(
        Method,
        service is null ? null! : new DuplexStreamingServerMethod<StreamingMessage, byte[]>(service.EventStream));

    public abstract Task EventStream(
        IAsyncStreamReader<StreamingMessage> requests, IServerStreamWriter<byte[]> responses, ServerCallContext context);
}
