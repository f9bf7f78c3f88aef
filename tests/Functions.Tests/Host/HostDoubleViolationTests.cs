using Functions.Worker.Protocol;
using Functions.Worker.TestHost;
using Inference.Testing;
using Content = Functions.Worker.Protocol.StreamingMessage.ContentOneofCase;

namespace Functions.Tests.Host;

/// <summary>A worker that violates the protocol fails the test.</summary>
public sealed class HostDoubleViolationTests
{
    /// <summary>The limit of a step that the script never completes.</summary>
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);

    [Fact]
    public Task Start_AnotherWorkersId_IsRefused() => AssertDoesNotStartAsync(
        new WorkerScript { First = message => new() { StartStream = new() { WorkerId = "other" } } },
        "StartStream names the worker \"other\"");

    [Fact]
    public Task Start_AnotherMessageFirst_IsRefused() => AssertDoesNotStartAsync(
        new WorkerScript { First = _ => new() { RpcLog = new() { Message = "early" } } }, "RpcLog before StartStream");

    [Fact]
    public Task Start_InitIsLate_IsRefused() => AssertDoesNotStartAsync(
        new WorkerScript { React = (_, message) => message.ContentCase == Content.WorkerInitRequest },
        "WorkerInitResponse: not there after 0.1 s",
        new HostLimits { Initialize = Short });

    [Fact]
    public Task Start_InitWithoutResult_IsRefused() => AssertDoesNotStartAsync(
        new WorkerScript { Spoil = response => response.WorkerInitResponse?.Result = null }, "WorkerInitResponse has no result");

    [Fact]
    public Task Start_SuccessNotSet_IsRefused() => AssertDoesNotStartAsync(
        new WorkerScript { Spoil = response => response.FunctionMetadataResponse?.Result = new StatusResult() }, "was Success not set?");

    [Theory]
    [InlineData("{\"name\":\"a\",\"type\":\"httpTrigger\",\"direction\":\"In\"}",
        "{\"name\":\"b\",\"type\":\"queueTrigger\",\"direction\":\"In\",\"queueName\":\"queue\"}", "has 2 triggers")]
    [InlineData("{\"name\":\"a\",\"type\":\"httpTrigger\",\"direction\":\"In\"}",
        "{\"name\":\"A\",\"type\":\"http\",\"direction\":\"Out\"}", "without a name of their own")]
    [InlineData("{\"name\":\"a\",\"type\":\"httpTrigger\",\"direction\":\"In\"}", "not JSON", "is not a JSON object")]
    [InlineData(
        "{\"name\":\"a\",\"type\":\"httpTrigger\",\"direction\":\"In\"}", "{\"name\":\"b\",\"type\":\"http\"}", "without a direction")]
    [InlineData("{\"name\":\"a\",\"type\":\"httpTrigger\",\"direction\":\"In\",\"route\":\"admin/x\"}",
        "{\"name\":\"b\",\"type\":\"http\",\"direction\":\"Out\"}", "keeps for itself")]
    [InlineData("{\"name\":\"a\",\"type\":\"queueTrigger\",\"direction\":\"In\",\"queueName\":\"q\"}",
        "{\"name\":\"b\",\"type\":\"http\",\"direction\":\"Out\"}", "no storage accepts")]
    public Task Metadata_TheHostWouldRefuse_IsAViolation(string first, string second, string violation) => AssertViolationAsync(
        new WorkerScript { Functions = [WorkerScript.Function("Odd", first, second)] }, violation);

    [Fact]
    public Task Metadata_OneIdTwice_IsAViolation() => AssertViolationAsync(
        new WorkerScript { Functions = [WorkerScript.Http("Hello", "a"), WorkerScript.Http("Hello", "b")] },
        "The functions' ids are not distinct");

    [Fact]
    public Task Response_Twice_IsAViolation() => AssertViolationAsync(
        AnswersQueue((worker, request) => worker.SendAsync(ScriptedWorker.Succeeded(request))), "a second answer");

    [Fact]
    public Task Response_OfAnUnknownInvocation_IsAViolation() => AssertViolationAsync(
        AnswersQueue((worker, _) => worker.SendAsync(new() { InvocationResponse = new() { InvocationId = "nobody" } })),
        "unknown invocation \"nobody\"");

    [Fact]
    public Task Response_WithoutResult_IsAViolation() => AssertViolationAsync(
        AnswersQueue(spoil: response => response.InvocationResponse?.Result = null), "InvocationResponse of Work has no result");

    [Fact]
    public Task Response_WithAnotherRequestId_IsAViolation() => AssertViolationAsync(
        AnswersQueue(spoil: response => response.RequestId = response.InvocationResponse is null ? response.RequestId : "mine"),
        "echoes request_id \"mine\"");

    [Fact]
    public Task Message_OfTheHost_IsAViolation() => AssertViolationAsync(
        AnswersQueue((worker, _) => worker.SendAsync(new() { WorkerStatusRequest = new() })), "A worker does not send WorkerStatusRequest");

    [Fact]
    public Task Stream_EndsUnasked_IsAViolation() => AssertViolationAsync(
        new WorkerScript
        {
            Functions = [WorkerScript.Queue("Work")],
            React = (worker, message) =>
            {
                if (message.ContentCase != Content.InvocationRequest)
                    return false;
                _ = worker.CloseAsync();
                return true;
            },
        },
        "The worker ended the stream");

    [Fact]
    public async Task Invocation_NeverAnswered_IsAViolation()
    {
        var script = new WorkerScript
        {
            Functions = [WorkerScript.Queue("Work")],
            React = (_, message) => message.ContentCase == Content.InvocationRequest,
        };
        await using var scenario = await HostDoubleScenario.StartAsync(script, new() { Limits = new() { Invocation = Short } });
        await Assert.ThrowsAsync<TimeoutException>(() => scenario.Host.InvokeQueueAsync("Work", "x"));

        Assert.Contains("InvocationResponse of Work: not there after 0.1 s", await scenario.EndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_BeforeTheHttpResponseHasEnded_IsAViolation()
    {
        var script = new WorkerScript
        {
            React = (worker, message) => message.ContentCase == Content.InvocationRequest
                && worker.SendAsync(ScriptedWorker.Succeeded(message)) is not null,
            Serve = async http =>
            {
                await http.Response.Body.FlushAsync();
                await Task.Delay(Timeout.InfiniteTimeSpan, http.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            },
        };
        await using var scenario = await HostDoubleScenario.StartAsync(script, new() { Limits = new() { HttpEnd = Short } });

        // The result for the client does not matter.
        await Record.ExceptionAsync(() => scenario.Host.Client.GetAsync(new Uri("hello/x", UriKind.Relative)));

        Assert.Contains("before its HTTP response had ended", await scenario.EndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Functions", "true", "needs {WorkerRoot}")]
    [InlineData("{WorkerRoot}Functions", "false", "workerIndexing")]
    public async Task Start_ConfigurationTheHostWouldNotStart_Fails(string executable, string indexing, string message)
    {
        using var folder = new Inference.Testing.TempFolder();
        await File.WriteAllTextAsync(folder.Combine("host.json"), "{}");
        await File.WriteAllTextAsync(
            folder.Combine("worker.config.json"),
            $$"""{ "description": { "language": "dotnet-isolated", "defaultExecutablePath": "{{executable}}", "workerIndexing": "{{indexing}}" } }""");

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => FunctionsHostDouble.StartAsync(folder.Path));

        AssertText.Contains(message, refused.Message);
    }

    private static WorkerScript AnswersQueue(
        Func<ScriptedWorker, StreamingMessage, Task>? before = null, Action<StreamingMessage>? spoil = null)
    {
        return new WorkerScript
        {
            Functions = [WorkerScript.Queue("Work")],
            Spoil = spoil ?? (static _ => { }),
            React = React,
        };

        bool React(ScriptedWorker worker, StreamingMessage message)
        {
            if (message.ContentCase == Content.InvocationRequest)
                _ = before?.Invoke(worker, message);
            return false;
        }
    }

    private static async Task AssertDoesNotStartAsync(WorkerScript script, string violation, HostLimits? limits = null)
    {
        var refused = await Assert.ThrowsAsync<WorkerViolationException>(
            () => HostDoubleScenario.StartAsync(script, new() { Limits = limits ?? new HostLimits() }));
        Assert.Contains(violation, refused.Message, StringComparison.Ordinal);
    }

    private static async Task AssertViolationAsync(WorkerScript script, string violation)
    {
        await using var scenario = await HostDoubleScenario.StartAsync(script);
        if (scenario.Host.Functions.Any(function => function.Name == "Work"))
        {
            // The invocation fails if the worker closes the stream without a response.
            await scenario.Host.InvokeQueueAsync("Work", "x").ContinueWith(static _ => { }, TaskScheduler.Default);
            // After the ping, the host has also read the messages that followed the response.
            await scenario.Host.PingAsync().ContinueWith(static _ => { }, TaskScheduler.Default);
        }

        Assert.Contains(violation, await scenario.EndAsync(), StringComparison.Ordinal);
    }
}
