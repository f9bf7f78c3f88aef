using Functions.Worker.Protocol;
using Grpc.Core;

namespace Functions.Worker.TestHost.Streaming;

internal sealed class EventStreamService(WorkerStream stream) : EventStreamBase
{
    public override Task EventStream(
        IAsyncStreamReader<StreamingMessage> inbox, IServerStreamWriter<byte[]> outbox, ServerCallContext call) =>
        stream.RunAsync(inbox, outbox, call);
}
