using Functions.Worker.Hosting;
using Functions.Worker.Protocol;
using Functions.Worker.Registry;
using Content = Functions.Worker.Protocol.StreamingMessage.ContentOneofCase;

namespace Functions.Worker.Host;

/// <summary>
/// Handles the host's messages and replies to them. No handler blocks the reading of the stream: long work runs in its own task.
/// </summary>
internal sealed class HostMessages(
    HostStream stream,
    WorkerLifetime lifetime,
    IReadOnlyList<FunctionDescriptor> functions,
    Invocations invocations,
    StartupTrace trace)
{
    private readonly Dictionary<string, FunctionDescriptor> _functions = functions.ToDictionary(f => f.Id, StringComparer.Ordinal);
    private readonly HashSet<string> _loadedIds = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _startReported = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the reply about the start of the app, a success or a failure, is queued for the host.</summary>
    public Task StartReported => _startReported.Task;

    /// <summary>Handles a message. A failure affects only this message: the failure is logged, and the stream stays open.</summary>
    public void Receive(StreamingMessage message)
    {
        try
        {
            Handle(message);
        }
        catch (Exception e)
        {
            HostConsole.Write($"Error: The message {message.ContentCase} from the host was not handled: {e}", isSystem: true);
        }
    }

    private void Handle(StreamingMessage message)
    {
        switch (message.ContentCase)
        {
            case Content.WorkerInitRequest:
                _ = ReplyToInitAsync(message);
                break;
            case Content.FunctionsMetadataRequest:
                Reply(message, new() { FunctionMetadataResponse = HostReplies.Functions(functions) });
                break;
            case Content.FunctionLoadRequest:
                Reply(message, new() { FunctionLoadResponse = Load(message.FunctionLoadRequest) });
                break;
            case Content.FunctionLoadRequestCollection:
                Reply(message, new() { FunctionLoadResponseCollection = LoadAll(message.FunctionLoadRequestCollection) });
                break;
            case Content.InvocationRequest:
                BeginInvocation(message);
                break;
            case Content.InvocationCancel:
                invocations.Cancel(message.InvocationCancel.InvocationId);
                break;
            case Content.WorkerStatusRequest:
                Reply(message, new() { WorkerStatusResponse = new() });
                break;
            case Content.WorkerWarmupRequest:
                Reply(message, new() { WorkerWarmupResponse = new() { Result = StatusResults.Success } });
                break;
            case Content.FunctionEnvironmentReloadRequest:
                _ = ReplyToReloadAsync(message);
                break;
            case Content.WorkerTerminate:
                _ = lifetime.TerminateAsync(message.WorkerTerminate.GracePeriod?.ToTimeSpan() ?? TimeSpan.Zero);
                break;
            default:
                HostConsole.Write(
                    $"Warning: A message from the host is ignored: its content is unknown ({message.ContentCase}).", isSystem: true);
                break;
        }
    }

    private void Reply(StreamingMessage request, StreamingMessage reply)
    {
        reply.RequestId = request.RequestId;
        stream.Send(reply);
    }

    private async Task ReplyToInitAsync(StreamingMessage request)
    {
        var isPlaceholder = lifetime.Placeholder.IsWaiting;
        WorkerInitResponse response;
        try
        {
            response = isPlaceholder
                ? HostReplies.PlaceholderInitSucceeded()
                : HostReplies.InitSucceeded((await lifetime.App).HttpUri);
        }
        catch (Exception e)
        {
            response = HostReplies.InitFailed(e);
        }

        Reply(request, new() { WorkerInitResponse = response });
        if (!isPlaceholder)
            _startReported.TrySetResult();
    }

    /// <summary>
    /// Passes the app's settings to a placeholder: a worker that was started without these settings. The reply contains the app's address,
    /// so the worker replies after the app has started.
    /// </summary>
    private async Task ReplyToReloadAsync(StreamingMessage request)
    {
        FunctionEnvironmentReloadResponse response;
        try
        {
            lifetime.Placeholder.ApplySettings(request.FunctionEnvironmentReloadRequest);
            response = HostReplies.ReloadSucceeded((await lifetime.App).HttpUri);
        }
        catch (Exception e)
        {
            response = new() { Result = StatusResults.Failure(e) };
        }

        Reply(request, new() { FunctionEnvironmentReloadResponse = response });
        _startReported.TrySetResult();
    }

    private FunctionLoadResponseCollection LoadAll(FunctionLoadRequestCollection requests) =>
        new() { FunctionLoadResponses = { requests.FunctionLoadRequests.Select(Load) } };

    private FunctionLoadResponse Load(FunctionLoadRequest request)
    {
        var id = request.FunctionId;
        if (!_functions.ContainsKey(id))
            return new() { FunctionId = id, Result = StatusResults.Failure(DescribeUnknownFunction(id)) };

        if (_loadedIds.Add(id) && _loadedIds.Count == _functions.Count)
            trace.Mark("functions loaded");
        return new() { FunctionId = id, Result = StatusResults.Success };
    }

    /// <summary>
    /// Starts an invocation. Before this method returns, it registers the invocation, so that the next message can cancel the invocation.
    /// </summary>
    private void BeginInvocation(StreamingMessage message)
    {
        var request = message.InvocationRequest;
        if (!_functions.TryGetValue(request.FunctionId, out var function))
        {
            Refuse(message, DescribeUnknownFunction(request.FunctionId));
        }
        else if (!lifetime.App.IsCompletedSuccessfully)
        {
            Refuse(message, "The worker has not started yet.");
        }
        else
        {
            var invocation = new Invocation(request, function);
            if (!invocations.TryAdd(invocation, out var refusal))
                Refuse(message, refusal);
            else
                _ = Task.Run(() => RunAsync(message, lifetime.App.Result.Runner, invocation));
        }
    }

    private async Task RunAsync(StreamingMessage message, InvocationRunner runner, Invocation invocation)
    {
        var response = await runner.RunAsync(invocation);
        invocation.End();
        Reply(message, new() { InvocationResponse = response });
        invocations.Remove(invocation);
        trace.End("first invocation done");
    }

    private void Refuse(StreamingMessage message, string reason) => Reply(message, new()
    {
        InvocationResponse = new() { InvocationId = message.InvocationRequest.InvocationId, Result = StatusResults.Failure(reason) },
    });

    private static string DescribeUnknownFunction(string functionId) => $"This app has no function with the id '{functionId}'.";
}
