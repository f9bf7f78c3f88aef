using System.Collections.Concurrent;
using Functions.Worker.Protocol;
using Functions.Worker.TestHost;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Functions.Tests.Host;

/// <summary>A worker inside the test. It follows the protocol, except for the deviations in its script.</summary>
internal sealed class ScriptedWorker : IWorker
{
    private readonly WorkerScript _script;
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<StreamingMessage, StreamingMessage> _call;
    private readonly SemaphoreSlim _writer = new(1);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _served = new();
    private readonly ConcurrentQueue<StreamingMessage> _received = new();
    private readonly WebApplication _http;

    private ScriptedWorker(WorkerStart start, WorkerScript script)
    {
        _script = script;
        _channel = GrpcChannel.ForAddress(start.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
        _call = new FunctionRpc.FunctionRpcClient(_channel).EventStream();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _http = builder.Build();
        _http.Run(ServeAsync);
        Exited = RunAsync(start);
    }

    public string Output => "scripted";

    public TimeSpan ProcessorTime => TimeSpan.Zero;

    public Task<int> Exited { get; }

    /// <summary>The host's messages, in order of arrival.</summary>
    public IEnumerable<StreamingMessage> Received => _received;

    public static ScriptedWorker Start(WorkerStart start, WorkerScript script) => new(start, script);

    /// <summary>Sends a message after the earlier messages.</summary>
    public Task SendAsync(StreamingMessage message) => InTurnAsync(() => _call.RequestStream.WriteAsync(message));

    public Task CloseAsync() => InTurnAsync(_call.RequestStream.CompleteAsync);

    /// <summary>Creates the correct response to an invocation.</summary>
    public static StreamingMessage Succeeded(StreamingMessage request) => new()
    {
        RequestId = request.RequestId,
        InvocationResponse = new() { InvocationId = request.InvocationRequest.InvocationId, Result = Success() },
    };

    public static StatusResult Success() => new() { Status = StatusResult.Types.Status.Success };

    public async ValueTask DisposeAsync()
    {
        _call.Dispose();
        await Exited;
        _channel.Dispose();
        await _http.DisposeAsync();
        _writer.Dispose();
    }

    private async Task InTurnAsync(Func<Task> write)
    {
        await _writer.WaitAsync();
        try
        {
            await write();
        }
        finally
        {
            _writer.Release();
        }
    }

    private async Task<int> RunAsync(WorkerStart start)
    {
        try
        {
            await _http.StartAsync();
            await SendAsync(_script.First(new() { RequestId = start.RequestId, StartStream = new() { WorkerId = start.WorkerId } }));
            await foreach (var message in _call.ResponseStream.ReadAllAsync())
            {
                _received.Enqueue(message);
                if (message.ContentCase == StreamingMessage.ContentOneofCase.WorkerTerminate)
                {
                    await CloseAsync();
                    return 0;
                }

                if (!_script.React(this, message))
                    _ = AnswerAsync(message);
            }

            return 1;
        }
        catch (Exception e) when (e is global::Grpc.Core.RpcException or ObjectDisposedException)
        {
            return 1;
        }
    }

    private async Task AnswerAsync(StreamingMessage message)
    {
        if (message.InvocationRequest is { } invocation && invocation.InputData.Any(input => input.Data.Http is not null))
            await Served(invocation.InvocationId).Task;
        if (Answer(message) is not { } response)
            return;
        response.RequestId = message.RequestId;
        _script.Spoil(response);
        await SendAsync(response);
    }

    private StreamingMessage? Answer(StreamingMessage message) => message.ContentCase switch
    {
        StreamingMessage.ContentOneofCase.WorkerInitRequest => new() { WorkerInitResponse = Initialized() },
        StreamingMessage.ContentOneofCase.FunctionsMetadataRequest =>
            new() { FunctionMetadataResponse = new() { Result = Success(), FunctionMetadataResults = { _script.Functions } } },
        StreamingMessage.ContentOneofCase.FunctionLoadRequest => new() { FunctionLoadResponse = Loaded(message.FunctionLoadRequest) },
        StreamingMessage.ContentOneofCase.FunctionLoadRequestCollection => new()
        {
            FunctionLoadResponseCollection = new()
            {
                FunctionLoadResponses = { message.FunctionLoadRequestCollection.FunctionLoadRequests.Select(Loaded) },
            },
        },
        StreamingMessage.ContentOneofCase.InvocationRequest => Succeeded(message),
        StreamingMessage.ContentOneofCase.WorkerStatusRequest => new() { WorkerStatusResponse = new() },
        StreamingMessage.ContentOneofCase.FunctionEnvironmentReloadRequest =>
            new() { FunctionEnvironmentReloadResponse = new() { Result = Success() } },
        _ => null,
    };

    private WorkerInitResponse Initialized() => new()
    {
        Result = Success(),
        WorkerMetadata = new() { RuntimeName = "scripted" },
        Capabilities = { ["HttpUri"] = _http.Urls.Single() + "/", ["HandlesInvocationCancelMessage"] = "True" },
    };

    private static FunctionLoadResponse Loaded(FunctionLoadRequest request) =>
        new() { FunctionId = request.FunctionId, Result = Success() };

    private TaskCompletionSource Served(string invocationId) =>
        _served.GetOrAdd(invocationId, static _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task ServeAsync(HttpContext http)
    {
        var served = Served(http.Request.Headers["x-ms-invocation-id"].Single()!);
        try
        {
            await _script.Serve(http);
            await http.Response.CompleteAsync();
        }
        finally
        {
            served.TrySetResult();
        }
    }
}
