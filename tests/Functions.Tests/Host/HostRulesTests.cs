using System.Net;
using Functions.Worker.Protocol;
using Functions.Worker.TestHost;
using Inference.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Functions.Tests.Host;

/// <summary>
/// Tests the rules in which the host double is as strict as a real host. The real host was measured (docs/deployment.md).
/// </summary>
public sealed class HostRulesTests
{
    private const int BodyLimit = 104_857_600;

    [Theory]
    [InlineData("%Predictions:Queue%", null)]
    [InlineData("%predictions:queue%-poison", null)]
    [InlineData("%Flat%", null)]
    [InlineData("plain", null)]
    [InlineData("%Predictions__Queue%", "'%Predictions__Queue%' does not resolve to a value.")]
    [InlineData("%Missing%", "'%Missing%' does not resolve to a value.")]
    [InlineData("a-%Flat", "'%Flat%' does not resolve to a value.")]
    public async Task Index_BindingExpression_IsLookedUpLiterally(string queue, string? error)
    {
        await using var scenario = await HostDoubleScenario.StartAsync(
            new WorkerScript
            {
                Functions =
                [
                    WorkerScript.Http("Hello", "hello/{name}", "get"),
                    WorkerScript.Function(
                        "Work", $$"""{"name":"message","type":"queueTrigger","direction":"In","queueName":"{{queue}}"}"""),
                ],
            },
            new FunctionsHostOptions { Settings = new Dictionary<string, string> { ["Predictions__Queue"] = "work", ["Flat"] = "flat" } });

        Assert.Equal(error, scenario.Host.Function("Work").IndexError);
        if (error is null)
            Assert.True((await scenario.Host.InvokeQueueAsync("Work", "x")).Succeeded);
        else
            await Assert.ThrowsAsync<InvalidOperationException>(() => scenario.Host.InvokeQueueAsync("Work", "x"));
        Assert.Equal("GET /hello/x", await scenario.Host.Client.GetStringAsync(new Uri("hello/x", UriKind.Relative)));
    }

    [Theory]
    [InlineData("System.Text.Json", true)]
    [InlineData("microsoft.azure.webjobs.host", true)]
    [InlineData("Azure.Core", false)]
    public async Task Start_FolderWithAnAssemblyOfTheHost_IsRefused(string assembly, bool isRefused)
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.Combine("host.json"), "{}");
        Directory.CreateDirectory(folder.Combine(".azurefunctions"));
        await File.WriteAllTextAsync(folder.Combine(".azurefunctions", $"{assembly}.dll"), "");

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => FunctionsHostDouble.StartAsync(folder.Path));

        // A folder without a worker.config.json does not start either.
        Assert.Contains(isRefused ? assembly : "worker.config.json", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Missing.dll", "there is no")]
    [InlineData("host.json", null)]
    public async Task Start_WorkerOfDotNet_MustBeThere(string worker, string? message)
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.Combine("host.json"), "{}");
        await File.WriteAllTextAsync(
            folder.Combine("worker.config.json"),
            $$"""{"description":{"language":"dotnet-isolated","defaultExecutablePath":"dotnet","defaultWorkerPath":"{{worker}}","workerIndexing":"true"} }""");

        var refused = await Record.ExceptionAsync(() => FunctionsHostDouble.StartAsync(folder.Path));

        // The double starts an existing file, which is not a worker here.
        Assert.Contains(message ?? "The worker has ended", refused!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_LargerThanTheHostAllows_IsAnEmpty500AndTheWorkerSeesNothing()
    {
        await using var scenario = await HostDoubleScenario.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "hello/x") { Content = new ByteArrayContent(new byte[BodyLimit + 1]) };
        request.Headers.ExpectContinue = true;

        using var response = await scenario.Host.Client.SendAsync(request);

        Assert.Equal((HttpStatusCode.InternalServerError, ""), (response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.DoesNotContain(scenario.Worker.Received, message =>
            message.ContentCase == StreamingMessage.ContentOneofCase.InvocationRequest);
    }

    [Fact]
    public async Task Request_InvocationIdOfTheClient_ReachesTheWorker()
    {
        await using var scenario = await HostDoubleScenario.StartAsync(new WorkerScript
        {
            Serve = http => http.Response.WriteAsync(http.Request.Headers["x-ms-invocation-id"].ToString()),
            React = (worker, message) =>
                message.InvocationRequest is not null && IsSent(worker.SendAsync(ScriptedWorker.Succeeded(message))),
        });
        scenario.Host.Client.DefaultRequestHeaders.Add("x-ms-invocation-id", "of the client");

        Assert.Equal("of the client", await scenario.Host.Client.GetStringAsync(new Uri("hello/x", UriKind.Relative)));

        static bool IsSent(Task sending) => !sending.IsFaulted;
    }

    [Fact]
    public async Task Request_WorkerCutsTheConnection_IsSentAgain()
    {
        var attempts = new List<string?>();
        await using var scenario = await HostDoubleScenario.StartAsync(new WorkerScript
        {
            Serve = http =>
            {
                attempts.Add(http.Request.Headers["x-ms-invocation-id"]);
                if (attempts.Count == 1)
                    http.Abort();
                return http.Response.WriteAsync("the second time");
            },
        });

        Assert.Equal("the second time", await scenario.Host.Client.GetStringAsync(new Uri("hello/x", UriKind.Relative)));

        Assert.Equal(2, attempts.Count);
        Assert.Equal(attempts[0], attempts[1]);
    }

    [Fact]
    public async Task InvokeByAdmin_Queue_SendsTheValueAlone()
    {
        await using var scenario = await HostDoubleScenario.StartAsync(new WorkerScript { Functions = [WorkerScript.Queue("Work")] });

        await scenario.Host.InvokeByAdminAsync("Work", "hello");

        var sent = scenario.Worker.Received.Select(message => message.InvocationRequest).OfType<InvocationRequest>().Single();
        Assert.Equal("hello", Assert.Single(sent.InputData).Data.String);
        Assert.Empty(sent.TriggerMetadata);
    }

    [Fact]
    public async Task KillWorker_ThreeTimes_BacksOffAndThenEndsTheHost()
    {
        var time = new FakeTimeProvider();
        await using var scenario = await HostDoubleScenario.StartAsync(options: new() { Time = time });
        Assert.True(await await scenario.Host.KillWorkerAsync());
        time.Advance(TimeSpan.FromSeconds(1.5));

        var second = await scenario.Host.KillWorkerAsync();
        var waiting = scenario.Host.Client.GetStringAsync(new Uri("hello/x", UriKind.Relative));
        time.Advance(TimeSpan.FromSeconds(8.4));
        Assert.False(second.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.True(await second);
        Assert.Equal("GET /hello/x", await waiting);
        Assert.False(await await scenario.Host.KillWorkerAsync());
        await Assert.ThrowsAsync<HttpRequestException>(() => scenario.Host.Client.GetStringAsync(new Uri("hello/x", UriKind.Relative)));
    }

    [Fact]
    public async Task KillWorker_LongAfterTheLastDeath_CountsAnew()
    {
        var time = new FakeTimeProvider();
        await using var scenario = await HostDoubleScenario.StartAsync(options: new() { Time = time });

        for (var death = 0; death < 4; death++)
        {
            Assert.True(await await scenario.Host.KillWorkerAsync());
            time.Advance(TimeSpan.FromMinutes(31));
        }
    }
}
