using System.Net;
using Functions.Worker.Protocol;
using Functions.Worker.TestHost;
using Microsoft.AspNetCore.Http;
using Content = Functions.Worker.Protocol.StreamingMessage.ContentOneofCase;

namespace Functions.Tests.Host;

/// <summary>The host double serves a correct worker, by the rules of a real host.</summary>
public sealed class HostDoubleTests
{
    [Theory]
    [InlineData(InvocationOrder.ForwardFirst, false)]
    [InlineData(InvocationOrder.InvocationFirst, true)]
    [InlineData(InvocationOrder.OnSignal, false)]
    public async Task Request_AnyOrder_IsForwardedAsItIs(InvocationOrder order, bool asCollection)
    {
        await using var scenario = await HostDoubleScenario.StartAsync(
            new WorkerScript
            {
                Serve = http => http.Response.WriteAsync(
                    $"{http.Request.Path}{http.Request.QueryString} {http.Request.Headers["X-Forwarded-Host"]}"),
            },
            new FunctionsHostOptions { Order = order, LoadsAsCollection = asCollection });

        var response = await scenario.Host.Client.GetStringAsync(new Uri("hello/a%2fb?c=d", UriKind.Relative));

        Assert.Equal($"/hello/a%2fb?c=d {scenario.Host.Client.BaseAddress!.Authority}", response);
        var sent = Assert.Single(scenario.Worker.Received, message => message.ContentCase == Content.InvocationRequest).InvocationRequest;
        Assert.Equal(new RpcHttp(), Assert.Single(sent.InputData).Data.Http);
        Assert.Equal("a%2fb", sent.TriggerMetadata["name"].String);
        Assert.StartsWith("00-", sent.TraceContext.TraceParent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_OnSignal_TheInvocationWaitsForIt()
    {
        var served = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scenario = await HostDoubleScenario.StartAsync(
            new WorkerScript
            {
                Serve = http =>
                {
                    served.SetResult();
                    return Task.CompletedTask;
                },
            },
            new FunctionsHostOptions { Order = InvocationOrder.OnSignal, Signal = _ => served.Task });

        using var response = await scenario.Host.Client.GetAsync(new Uri("hello/x", UriKind.Relative));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Request_ClientLeaves_AbortsItAndSendsACancel()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var aborted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var scenario = await HostDoubleScenario.StartAsync(new WorkerScript
        {
            React = (_, message) => message.InvocationCancel is { } cancel && cancelled.TrySetResult(cancel.InvocationId),
            Serve = async http =>
            {
                http.RequestAborted.Register(aborted.SetResult);
                started.SetResult();
                await aborted.Task;
                // The host does not cancel an invocation after its response, so the request waits for the cancellation.
                await cancelled.Task;
            },
        });
        using var cancellation = new CancellationTokenSource();
        var request = scenario.Host.Client.GetAsync(new Uri("hello/x", UriKind.Relative), cancellation.Token);
        await started.Task;

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await aborted.Task;
        var invocation = scenario.Worker.Received.Single(message => message.ContentCase == Content.InvocationRequest).InvocationRequest;
        Assert.Equal(invocation.InvocationId, await cancelled.Task);
    }

    [Theory]
    [InlineData(null, null, 401)]
    [InlineData("x-functions-key", "wrong", 401)]
    [InlineData("x-functions-key", "secret", 200)]
    [InlineData("x-functions-key", "master", 200)]
    [InlineData("code", "secret", 200)]
    public async Task Request_WithKeys_NeedsOne(string? header, string? key, int status)
    {
        await using var scenario = await HostDoubleScenario.StartAsync(options: new() { FunctionKey = "secret", MasterKey = "master" });
        using var request = new HttpRequestMessage(HttpMethod.Get, header == "code" ? $"hello/x?code={key}" : "hello/x");
        if (header is not null and not "code")
            request.Headers.Add(header, key);

        using var response = await scenario.Host.Client.SendAsync(request);

        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/things/1", "B")]
    [InlineData("POST", "/things/1", "A")]
    [InlineData("GET", "/things/1/parts", "C")]
    [InlineData("GET", "/things/a%2fb", "B")]
    [InlineData("GET", "/things", "Z")]
    [InlineData("DELETE", "/things/1", null)]
    [InlineData("GET", "/Unrouted", "Unrouted")]
    [InlineData("GET", "/v1/models/digits:predict", "Verb")]
    [InlineData("GET", "/numbers/x", null)]
    public async Task Routes_FirstByNameWins_WhateverIsMoreSpecific(string method, string path, string? function)
    {
        await using var scenario = await HostDoubleScenario.StartAsync(new WorkerScript
        {
            Functions =
            [
                WorkerScript.Http("Z", "things", "get"),
                WorkerScript.Http("C", "{*rest:regex(parts$)}", "get"),
                WorkerScript.Http("B", "things/{thing}", "get"),
                WorkerScript.Http("A", "things/{*rest}", "post"),
                WorkerScript.Http("Unrouted", "", "get"),
                WorkerScript.Http("Verb", "v1/models/{model}:predict", "get"),
                WorkerScript.Http("Number", "numbers/{number:int}", "get"),
            ],
        });

        Assert.Equal(function, new HostRoutes(scenario.Host.Functions, prefix: "").Match(method, path)?.Name);
    }

    [Fact]
    public async Task Queue_FailsTwice_IsTriedAgainAndItsOutputsAreSplit()
    {
        await using var scenario = await HostDoubleScenario.StartAsync(QueueScript(succeedsAt: 3));

        var delivery = await scenario.Host.DeliverQueueMessageAsync("Work", "{\"id\":1}");

        Assert.False(delivery.IsPoison);
        Assert.Equal(3, delivery.Attempts.Count);
        Assert.Equal("at attempt 1", delivery.Attempts[0].Exception!.Message);
        Assert.Equal(["{\"a\":1}", "two"], delivery.Last.Outputs["result"]);
        var messages = scenario.Worker.Received.Select(message => message.InvocationRequest).OfType<InvocationRequest>().ToList();
        Assert.Equal("{\"id\":1}", messages[0].InputData.Single().Data.String);
        Assert.Single(messages.Select(message => message.TriggerMetadata["Id"].String).Distinct());
    }

    [Fact]
    public async Task Queue_FailsAlways_IsPoison()
    {
        await using var scenario = await HostDoubleScenario.StartAsync(QueueScript(succeedsAt: 4));

        var delivery = await scenario.Host.DeliverQueueMessageAsync("Work", "x");

        Assert.True(delivery.IsPoison);
        Assert.Equal(new PoisonMessage("work-poison", "x"), Assert.Single(scenario.Host.PoisonMessages));
    }

    [Fact]
    public async Task Logs_OfARunningInvocation_AreKeptAndOthersDropped()
    {
        await using var scenario = await HostDoubleScenario.StartAsync(new WorkerScript
        {
            Functions = [WorkerScript.Queue("Work")],
            React = (worker, message) =>
            {
                if (message.InvocationRequest is null)
                    return false;
                _ = LogAsync(worker, message);
                return true;
            },
        });

        var result = await scenario.Host.InvokeQueueAsync("Work", "x");

        Assert.Equal("kept", Assert.Single(await scenario.Host.LogsOfAsync(result.Id)).Message);
        Assert.Equal("system", Assert.Single(scenario.Host.SystemLogs).Message);
        Assert.Equal(1, scenario.Host.DroppedLogs);

        static async Task LogAsync(ScriptedWorker worker, StreamingMessage request)
        {
            await worker.SendAsync(new() { RpcLog = new() { InvocationId = request.InvocationRequest.InvocationId, Message = "kept" } });
            await worker.SendAsync(new() { RpcLog = new() { Message = "dropped" } });
            await worker.SendAsync(new() { RpcLog = new() { Message = "system", LogCategory = RpcLog.Types.RpcLogCategory.System } });
            await worker.SendAsync(ScriptedWorker.Succeeded(request));
        }
    }

    [Fact]
    public async Task UnknownMessage_IsSentAsAFieldTheProtocolDoesNotHave()
    {
        await using var scenario = await HostDoubleScenario.StartAsync();

        scenario.Host.SendUnknownMessage();
        await scenario.Host.PingAsync();

        var unknown = scenario.Worker.Received.Single(message => message.ContentCase == Content.None);
        Assert.NotEqual(0, unknown.CalculateSize());
    }

    private static WorkerScript QueueScript(int succeedsAt) => new()
    {
        Functions = [WorkerScript.Queue("Work")],
        React = (worker, message) =>
        {
            if (message.InvocationRequest is not { } invocation)
                return false;
            var attempt = invocation.TriggerMetadata["DequeueCount"].Json;
            var response = ScriptedWorker.Succeeded(message);
            if (int.Parse(attempt, System.Globalization.CultureInfo.InvariantCulture) < succeedsAt)
            {
                response.InvocationResponse.Result = new() { Exception = new() { Message = $"at attempt {attempt}" } };
            }
            else
            {
                response.InvocationResponse.OutputData
                    .Add(new ParameterBinding { Name = "result", Data = new() { Json = "[{\"a\":1},\"two\"]" } });
            }

            _ = worker.SendAsync(response);
            return true;
        },
    };
}
