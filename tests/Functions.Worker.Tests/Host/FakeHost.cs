using System.Collections.Concurrent;
using System.Threading.Channels;
using Functions.Worker.Protocol;
using Google.Protobuf;
using Grpc.Core;
using Inference.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Content = Functions.Worker.Protocol.StreamingMessage.ContentOneofCase;

namespace Functions.Worker.Tests.Host;

/// <summary>A Functions host that a test scripts.</summary>
internal sealed class FakeHost : IAsyncDisposable
{
    public static readonly TimeSpan Timeout = WaitLimit.Step;

    private readonly WebApplication _app;
    private readonly Channel<byte[]> _outbound = Channel.CreateUnbounded<byte[]>();
    private readonly Channel<StreamingMessage> _inbound = Channel.CreateUnbounded<StreamingMessage>();
    private readonly List<StreamingMessage> _unclaimed = [];
    private readonly SemaphoreSlim _reading = new(1);

    private FakeHost()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddRoutingCore().AddGrpc();
        builder.Services.AddSingleton(this).AddTransient<FakeHostService>();
        _app = builder.Build();
        _app.MapGrpcService<FakeHostService>();
    }

    public string Uri => _app.Urls.Single();

    public string[] Arguments =>
    [
        "--host", "127.0.0.1", "--port", "1", "--workerId", "w", "--requestId", "r", "--grpcMaxMessageLength", "1",
        "--functions-uri", $"{Uri}/", "--functions-worker-id", "worker-1", "--functions-request-id", "request-1",
        "--functions-grpc-max-message-length", "2147483647", "--unknown",
    ];

    public ConcurrentQueue<RpcLog> Logs { get; } = new();

    public static async Task<FakeHost> StartAsync()
    {
        var host = new FakeHost();
        await host._app.StartAsync();
        return host;
    }

    public void Send(StreamingMessage message) => SendBytes(message.ToByteArray());

    public void SendBytes(byte[] message) => Assert.True(_outbound.Writer.TryWrite(message));

    /// <summary>Ends the stream from the host's side.</summary>
    public void EndStream() => _outbound.Writer.Complete();

    /// <summary>Receives the worker's next message. Log entries do not count.</summary>
    public async Task<StreamingMessage> NextAsync(Content content)
    {
        var message = await ReceiveAsync(_ => true);
        Assert.Equal(content, message.ContentCase);
        return message;
    }

    public async Task<StreamingMessage> RequestAsync(StreamingMessage request, Content content)
    {
        request.RequestId = Guid.NewGuid().ToString();
        Send(request);
        var reply = await ReceiveAsync(m => m.RequestId == request.RequestId);
        Assert.Equal(content, reply.ContentCase);
        return reply;
    }

    public async Task<InvocationResponse> ResponseAsync(string invocationId)
    {
        var message = await ReceiveAsync(m => m.InvocationResponse?.InvocationId == invocationId);
        Assert.Equal($"for {invocationId}", message.RequestId);
        return message.InvocationResponse;
    }

    /// <summary>Asserts that the worker, which has ended, sent no message that the test has not received.</summary>
    public async Task ExpectNothingMoreAsync() => await Assert.ThrowsAsync<ChannelClosedException>(() => ReceiveAsync(_ => true));

    public async Task ServeAsync(
        IAsyncStreamReader<StreamingMessage> requests, IServerStreamWriter<byte[]> responses, CancellationToken cancellationToken)
    {
        var reading = ReadAsync(requests, cancellationToken);
        await foreach (var message in _outbound.Reader.ReadAllAsync(cancellationToken))
            await responses.WriteAsync(message, cancellationToken);
        // When the worker ended the stream, everything was read, and a failure of the reading is reported. When the test ended it, the rest
        // does not matter.
        if (reading.IsCompleted)
            await reading;
    }

    public async ValueTask DisposeAsync()
    {
        _outbound.Writer.TryComplete();
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _reading.Dispose();
    }

    private async Task<StreamingMessage> ReceiveAsync(Predicate<StreamingMessage> isWanted)
    {
        Assert.True(await _reading.WaitAsync(Timeout));
        try
        {
            while (true)
            {
                if (_unclaimed.Find(isWanted) is { } found)
                {
                    _unclaimed.Remove(found);
                    return found;
                }

                _unclaimed.Add(await _inbound.Reader.ReadAsync().AsTask().WaitAsync(Timeout));
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<StreamingMessage> requests, CancellationToken cancellationToken)
    {
        try
        {
            while (await requests.MoveNext(cancellationToken))
            {
                if (requests.Current.RpcLog is { } log)
                    Logs.Enqueue(log);
                else
                    _inbound.Writer.TryWrite(requests.Current);
            }
        }
        finally
        {
            _inbound.Writer.TryComplete();
            // Like the real host, this host ends its side after the worker has ended its own.
            _outbound.Writer.TryComplete();
        }
    }
}
