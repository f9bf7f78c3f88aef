using System.Buffers.Binary;
using System.Net;
using Functions.Tests.Memory;
using Google.Protobuf;

namespace Functions.Tests.OpenInferenceGrpc;

/// <summary>Tests that a call that ends early releases the memory of its message.</summary>
public sealed class GrpcMemoryTests
{
    private const int Rows = 1 << 18;

    /// <summary>The maximum bytes of open connections, which are fewer than the bytes of one message.</summary>
    private const long MaxHeld = 1 << 20;

    [Fact]
    public async Task Infer_ClientLeavesBetweenItsMessageAndTheEnd_HoldsNoMemory()
    {
        await using var target = await MemoryTarget.StartAsync(budget: 256 << 20);
        using var client = new HttpClient { BaseAddress = await target.Process.GrpcAddress };

        for (var i = 0; i < 8; i++)
            await LeaveAsync(target, client);

        await target.Process.WaitUntilAsync(async () => await target.RequestBytesAsync() <= MaxHeld);
    }

    /// <summary>Sends a whole message, but not the end of the call, and disconnects when the server has read the message.</summary>
    private static async Task LeaveAsync(MemoryTarget target, HttpClient client)
    {
        using var cancellation = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/inference.GRPCInferenceService/ModelInfer", UriKind.Relative))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new UnfinishedContent(
                GrpcServer.Raw(MemoryTarget.Model, "x", "FP32", [Rows, 4], new byte[Rows * 16]).ToByteArray(), cancellation, target),
        };
        request.Headers.TE.Add(new("trailers"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.SendAsync(request, cancellation.Token));
    }

    private sealed class UnfinishedContent : HttpContent
    {
        private readonly byte[] _message;
        private readonly CancellationTokenSource _cancellation;
        private readonly MemoryTarget _target;

        public UnfinishedContent(byte[] message, CancellationTokenSource cancellation, MemoryTarget target)
        {
            (_message, _cancellation, _target) = (message, cancellation, target);
            Headers.ContentType = new("application/grpc");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var head = new byte[5];
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(1), _message.Length);
            await stream.WriteAsync(head);
            await stream.WriteAsync(_message);
            await stream.FlushAsync();
            // When the server has read the message, the message counts as memory of requests.
            await _target.Process.WaitUntilAsync(async () => await _target.RequestBytesAsync() >= Rows * 16);
            await _cancellation.CancelAsync();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
