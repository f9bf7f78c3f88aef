using System.Threading.Channels;
using Functions.Worker.Hosting;
using Functions.Worker.Protocol;
using Grpc.Core;
using Grpc.Net.Client;

namespace Functions.Worker.Host;

/// <summary>
/// The stream to the Functions host. One loop writes, in the order of <see cref="Send"/>; one loop reads. Messages can be sent
/// before it is open.
/// </summary>
internal sealed class HostStream
{
    /// <summary>Messages that wait for a host that does not read: beyond them the log is not worth the memory.</summary>
    public const int MostBeforeLogIsDropped = 10_000;

    /// <summary>For the host to read what is left and to end its side. It is on this machine: it takes that long only when stuck.</summary>
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);

    private readonly string _address;
    private readonly StartupTrace _trace;
    // Not for a single reader only: those channels cannot be counted.
    private readonly Channel<StreamingMessage> _outbound = Channel.CreateUnbounded<StreamingMessage>();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _dropped;

    public HostStream(HostArguments host, StartupTrace trace)
    {
        _address = host.Uri;
        _trace = trace;
        Send(new() { RequestId = host.RequestId, StartStream = new() { WorkerId = host.WorkerId } });
    }

    /// <summary>Queues a message. After the end of the stream there is nobody to tell.</summary>
    public void Send(StreamingMessage message) => _outbound.Writer.TryWrite(message);

    /// <summary>Messages that are queued and not written yet.</summary>
    internal int Pending => _outbound.Reader.Count;

    /// <summary>Queues an entry of the log, unless too much is queued; then the next one that goes says how many did not.</summary>
    public void SendLog(RpcLog entry)
    {
        if (Pending >= MostBeforeLogIsDropped)
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
            entry.Message = $"({dropped} entries before this one were dropped: the host does not read.) {entry.Message}";
        Send(new() { RpcLog = entry });
    }

    /// <summary>Opens the stream and reads until either side ends it.</summary>
    public async Task RunAsync(Action<StreamingMessage> receive)
    {
        try
        {
            using var channel = GrpcChannel.ForAddress(_address, new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, ActivityHeadersPropagator = null },
                // The host's limit is for what it receives; a worker takes what it sends.
                MaxReceiveMessageSize = null,
            });
            using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(HostProtocol.EventStream, null, default);
            _ = WriteAsync(call.RequestStream);
            // When the host does not end its side, disposing the call ends the reading.
            await await Task.WhenAny(ReadAsync(call.ResponseStream, receive), _closed.Task);
        }
        finally
        {
            _outbound.Writer.TryComplete();
            _ended.TrySetResult();
        }
    }

    /// <summary>Writes what is queued, and ends the stream once the host has read it: a stream cut off loses its last messages.</summary>
    public async Task CloseAsync()
    {
        _outbound.Writer.TryComplete();
        await Task.WhenAny(_ended.Task, Task.Delay(ClosePatience, TimeProvider.System));
        _closed.TrySetResult();
    }

    private static async Task ReadAsync(IAsyncStreamReader<StreamingMessage> stream, Action<StreamingMessage> receive)
    {
        while (await stream.MoveNext(CancellationToken.None))
            receive(stream.Current);
    }

    private async Task WriteAsync(IClientStreamWriter<StreamingMessage> stream)
    {
        try
        {
            await foreach (var message in _outbound.Reader.ReadAllAsync())
            {
                await stream.WriteAsync(message);
                if (message.StartStream is not null || message.WorkerInitResponse is not null)
                    _trace.Mark($"{message.ContentCase} sent");
            }

            await stream.CompleteAsync();
        }
        catch (Exception e) when (e is Grpc.Core.RpcException or InvalidOperationException or IOException or OperationCanceledException)
        {
            // The stream is gone, which the reading loop meets as well, and reports.
        }
        catch (Exception e)
        {
            // A worker that can say nothing more is of no use to the host.
            _closed.TrySetException(e);
        }
    }
}
