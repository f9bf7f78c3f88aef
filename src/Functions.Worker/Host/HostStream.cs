using System.Threading.Channels;
using Functions.Worker.Hosting;
using Functions.Worker.Protocol;
using Grpc.Core;
using Grpc.Net.Client;

namespace Functions.Worker.Host;

/// <summary>
/// The stream to the Functions host. One loop writes messages in the order in which they were sent (<see cref="Send"/>), and one loop
/// reads. Messages can be queued before the stream is open.
/// </summary>
internal sealed class HostStream
{
    /// <summary>
    /// When this many messages are queued, further log entries are dropped. Otherwise log entries would fill the memory of a worker whose
    /// host does not read.
    /// </summary>
    public const int LogDropThreshold = 10_000;

    /// <summary>
    /// How long to wait until the host has read the last messages and ended its side. The host is on this machine, so only a stuck host
    /// takes longer.
    /// </summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly string _address;
    private readonly StartupTrace _trace;
    // SingleReader stays off, because a channel with a single reader cannot report the count of its messages.
    private readonly Channel<StreamingMessage> _outbound = Channel.CreateUnbounded<StreamingMessage>();

    /// <summary>Completes when <see cref="RunAsync"/> ends.</summary>
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends <see cref="RunAsync"/> when <see cref="CloseAsync"/> stops waiting, or when the writing fails unexpectedly.</summary>
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _droppedEntryCount;

    public HostStream(HostArguments host, StartupTrace trace)
    {
        _address = host.Uri;
        _trace = trace;
        Send(new() { RequestId = host.RequestId, StartStream = new() { WorkerId = host.WorkerId } });
    }

    /// <summary>Queues a message. After the end of the stream, the message is dropped.</summary>
    public void Send(StreamingMessage message) => _outbound.Writer.TryWrite(message);

    /// <summary>The number of messages that are queued and not yet written.</summary>
    internal int PendingCount => _outbound.Reader.Count;

    /// <summary>
    /// Queues a log entry. When too many messages are queued, the entry is dropped. The next queued entry reports the number of dropped
    /// entries.
    /// </summary>
    public void SendLog(RpcLog entry)
    {
        if (PendingCount >= LogDropThreshold)
        {
            Interlocked.Increment(ref _droppedEntryCount);
            return;
        }

        if (Interlocked.Exchange(ref _droppedEntryCount, 0) is > 0 and var dropped)
            entry.Message = $"({dropped} log entries before this one were dropped, because the host did not read them.) {entry.Message}";
        Send(new() { RpcLog = entry });
    }

    /// <summary>Opens the stream and reads until either side ends the stream.</summary>
    public async Task RunAsync(Action<StreamingMessage> receive)
    {
        try
        {
            using var channel = GrpcChannel.ForAddress(_address, new GrpcChannelOptions
            {
                HttpHandler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, ActivityHeadersPropagator = null },
                // The host limits its own messages; the worker accepts any size.
                MaxReceiveMessageSize = null,
            });
            using var call = channel.CreateCallInvoker().AsyncDuplexStreamingCall(HostProtocol.EventStream, null, default);
            _ = WriteAsync(call.RequestStream);
            // If the host does not end its side, CloseAsync completes _closed. Disposing the call then ends the reading.
            await await Task.WhenAny(ReadAsync(call.ResponseStream, receive), _closed.Task);
        }
        finally
        {
            _outbound.Writer.TryComplete();
            _ended.TrySetResult();
        }
    }

    /// <summary>
    /// Writes the queued messages and waits until the host has read them. A stream that is cut off loses its last messages.
    /// </summary>
    public async Task CloseAsync()
    {
        _outbound.Writer.TryComplete();
        await Task.WhenAny(_ended.Task, Task.Delay(CloseTimeout, TimeProvider.System));
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
            // The stream has failed. The reading loop sees and reports the same failure.
        }
        catch (Exception e)
        {
            // The failure ends RunAsync, because a worker cannot run without a stream.
            _closed.TrySetException(e);
        }
    }
}
