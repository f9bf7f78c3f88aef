using Functions.Worker.Protocol;
using Grpc.Core;

namespace Functions.Worker.Tests.Host;

/// <summary>Passes the stream to the host of the test.</summary>
internal sealed class FakeHostService(FakeHost host) : FakeHostServiceBase
{
    public override Task EventStream(
        IAsyncStreamReader<StreamingMessage> requests, IServerStreamWriter<byte[]> responses, ServerCallContext context) =>
        host.ServeAsync(requests, responses, context.CancellationToken);
}
