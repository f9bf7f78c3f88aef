using System.Threading.Channels;
using Functions.Worker.Protocol;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Connections.Features;
using Content = Functions.Worker.Protocol.StreamingMessage.ContentOneofCase;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>
/// The stream between the host and its worker. It sends the host's messages, passes each reply to the code that waits for it, and records
/// violations.
/// </summary>
internal sealed class WorkerStream
{
    private readonly Channel<byte[]> _outbox = Channel.CreateUnbounded<byte[]>(new() { SingleReader = true });
    private readonly TaskCompletionSource<string> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _endRequested = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string _workerId;
    private readonly TimeProvider _time;
    private readonly ProtocolViolations _violations;

    private IConnectionLifetimeFeature? _connection;
    private int _opened;
    private bool _mayEnd;

    public WorkerStream(string workerId, TimeProvider time, ProtocolViolations violations)
    {
        (_workerId, _time, _violations) = (workerId, time, violations);
        Replies = new Replies(violations);
        Invocations = new Invocations(violations);
        Logs = new WorkerLogs(Invocations);
    }

    public Replies Replies { get; }

    public Invocations Invocations { get; }

    public WorkerLogs Logs { get; }

    /// <summary>Completes when the worker has opened the stream with its own worker id.</summary>
    public Task<string> Started => _started.Task;

    public Task Ended => _ended.Task;

    public void Send(StreamingMessage message) => SendBytes(message.ToByteArray());

    public void SendBytes(byte[] message) => _outbox.Writer.TryWrite(message);

    /// <summary>Sends a request and waits for its reply. A late reply is a violation.</summary>
    public async Task<StreamingMessage> RequestAsync(StreamingMessage message, string key, TimeSpan limit, bool mayRepeat = false)
    {
        message.RequestId = Guid.NewGuid().ToString();
        var reply = Replies.Expect(key, message.RequestId, mayRepeat);
        Send(message);
        return await WaitWithinAsync(reply.Message, key, limit);
    }

    /// <summary>Waits for a message of the worker. A message that comes after the limit is a violation.</summary>
    public async Task<T> WaitWithinAsync<T>(Task<T> answer, string messageName, TimeSpan limit)
    {
        try
        {
            return await answer.WaitAsync(limit, _time);
        }
        catch (TimeoutException)
        {
            _violations.Add($"{messageName}: not there after {limit.TotalSeconds} s.");
            throw;
        }
    }

    /// <summary>Allows the worker to end the stream. Before this call, the end of the stream is a violation.</summary>
    public void AllowEnd() => Volatile.Write(ref _mayEnd, true);

    /// <summary>Ends the stream from the host's side.</summary>
    public void End() => _endRequested.TrySetResult();

    /// <summary>Cuts the connection, as the kernel does when a host is killed.</summary>
    public void Abort() => _connection?.Abort();

    /// <summary>Fails all replies and responses that are waited for, because the worker is lost.</summary>
    public void Fail(string reason)
    {
        var lost = new WorkerLostException(reason);
        _started.TrySetException(lost);
        Replies.Fail(lost);
        Invocations.Fail(lost);
        _ended.TrySetResult();
    }

    public async Task RunAsync(IAsyncStreamReader<StreamingMessage> inbox, IServerStreamWriter<byte[]> outbox, ServerCallContext call)
    {
        if (Interlocked.Exchange(ref _opened, 1) == 1)
        {
            _violations.Add("The worker opened a second stream.");
            return;
        }

        _connection = call.GetHttpContext().Features.Get<IConnectionLifetimeFeature>();
        var writing = WriteAsync(outbox, call.CancellationToken);
        await Task.WhenAny(ReadAsync(inbox, call.CancellationToken), _endRequested.Task);
        if (!Volatile.Read(ref _mayEnd))
            _violations.Add("The worker ended the stream, and nothing had asked it to.");
        _outbox.Writer.TryComplete();
        await writing;
        Fail("The stream has ended.");
    }

    private async Task WriteAsync(IServerStreamWriter<byte[]> outbox, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in _outbox.Reader.ReadAllAsync(cancellationToken))
                await outbox.WriteAsync(message, cancellationToken);
        }
        catch (Exception e) when (IsEnd(e))
        {
            // The reading loop reports the lost worker.
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<StreamingMessage> inbox, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var message in inbox.ReadAllAsync(cancellationToken))
                Receive(message);
        }
        catch (Exception e) when (IsEnd(e))
        {
            // A worker's process may end without closing the stream.
        }
    }

    private static bool IsEnd(Exception exception) => exception is OperationCanceledException or IOException or InvalidOperationException;

    private void Receive(StreamingMessage message)
    {
        // The first message must be StartStream.
        switch (_started.Task.IsCompletedSuccessfully ? message.ContentCase : Content.StartStream)
        {
            case Content.StartStream:
                Open(message);
                break;
            case Content.RpcLog:
                Logs.Add(message.RpcLog);
                break;
            case Content.InvocationResponse:
                Invocations.Complete(message);
                break;
            case Content.FunctionLoadResponse:
                Replies.Complete(ReplyKeys.Load(message.FunctionLoadResponse.FunctionId), message);
                break;
            case Content.WorkerStatusResponse:
                Replies.Complete(ReplyKeys.Status(message.RequestId), message);
                break;
            case Content.WorkerInitResponse or Content.FunctionMetadataResponse or Content.FunctionLoadResponseCollection
                or Content.FunctionEnvironmentReloadResponse or Content.WorkerWarmupResponse:
                Replies.Complete(ReplyKeys.ForKind(message.ContentCase), message);
                break;
            case Content.None:
                // Microsoft's worker replies with an empty message when no reply is needed. The host drops such a message.
                break;
            default:
                _violations.Add($"A worker does not send {message.ContentCase}.");
                break;
        }
    }

    private void Open(StreamingMessage message)
    {
        if (_started.Task.IsCompletedSuccessfully)
            _violations.Add("A second StartStream.");
        else if (message.ContentCase != Content.StartStream)
            Refuse($"{message.ContentCase} before StartStream.");
        else if (message.StartStream.WorkerId != _workerId)
            Refuse($"StartStream names the worker \"{message.StartStream.WorkerId}\", not \"{_workerId}\".");
        else
            _started.TrySetResult(_workerId);
    }

    private void Refuse(string violation)
    {
        _violations.Add(violation);
        _started.TrySetException(new WorkerLostException("The host does not know this worker."));
    }
}
