using System.Collections.Concurrent;
using System.Diagnostics;
using Functions.Worker.Protocol;
using Functions.Worker.TestHost;
using Inference.Testing;

namespace Functions.Tests.Host;

/// <summary>Tests the host's messages other than invocations, and the end of invocations, of the stream and of the process.</summary>
public sealed class HostLifetimeTests : IDisposable
{
    /// <summary>More requests than compute slots. If one of their runs did not stop, the next request would wait forever.</summary>
    private static readonly int TooMany = Environment.ProcessorCount + 2;

    private readonly TempFolder _models = new();

    /// <summary>The crash journals of other tests' killed processes must not refuse the models of this test.</summary>
    private readonly TempFolder _cache = new();

    public HostLifetimeTests() => TestModels.CopyTo("slow", _models.Combine("slow", "1"));

    [Fact]
    public async Task Infer_ClientsLeave_TheKernelsStop()
    {
        await using var host = await StartAsync();
        using var cancellation = new CancellationTokenSource();
        var endless = PostTooMany(host, cancellation.Token);
        await host.WaitForLogAsync("Model slow/1 loaded");

        await cancellation.CancelAsync();
        foreach (var request in endless)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);

        await AssertAnswersAsync(host);
    }

    [Theory]
    [InlineData(InvocationOrder.ForwardFirst)]
    [InlineData(InvocationOrder.InvocationFirst)]
    public async Task Infer_ClientsLeaveAtAnyMoment_EveryInvocationIsAnswered(InvocationOrder order)
    {
        await using var host = await StartAsync(new() { Order = order });
        await AssertAnswersAsync(host);

        await Task.WhenAll(Enumerable.Range(0, 150).Select(async i =>
        {
            using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(i % 50));
            var iterations = i % 3 == 0 ? long.MaxValue : 1;
            await Record.ExceptionAsync(() => host.PostAsync(HostedApp.Slow, HostedApp.SlowBody(iterations), cancellation.Token));
        }));

        await AssertAnswersAsync(host);
    }

    [NativeFact]
    public async Task Infer_InvocationsCancelled_TheKernelsStop()
    {
        var invocations = new ConcurrentQueue<string>();
        await using var host = await StartAsync(new()
        {
            Order = InvocationOrder.OnSignal,
            Signal = id =>
            {
                invocations.Enqueue(id);
                return Task.CompletedTask;
            },
        });
        var endless = PostTooMany(host, CancellationToken.None);
        await host.WaitForLogAsync("Model slow/1 loaded");
        await host.WaitUntilAsync(() => Task.FromResult(invocations.Count == TooMany));

        // An invocation is sent after its signal, so a cancellation may come too early. Another one after the end has no effect.
        var ended = Task.WhenAll(endless);
        await host.WaitUntilAsync(() =>
        {
            foreach (var invocation in invocations)
                host.CancelInvocation(invocation);
            return Task.FromResult(ended.IsCompleted);
        });

        foreach (var request in endless)
        {
            using var response = await request;
            Assert.False(response.IsSuccessStatusCode, $"{response.StatusCode}");
        }

        await AssertAnswersAsync(host);
    }

    [Fact]
    public async Task Invocation_CancelledBeforeItsRequestCame_IsAnswered()
    {
        await using var host = await StartAsync();
        using var cancel = new CancellationTokenSource();
        var function = host.Functions.Single(function => function.Route == "health/live");
        var request = new InvocationRequest
        {
            FunctionId = function.Id,
            InputData = { new ParameterBinding { Name = function.TriggerName, Data = new() { Http = new() } } },
        };
        var invocation = host.InvokeAsync(request, cancel.Token);

        await cancel.CancelAsync();

        Assert.False((await invocation).Succeeded);
        await AssertAnswersAsync(host);
    }

    [Fact]
    public async Task Terminate_WhileARequestRuns_AnswersItAndExitsWithZero()
    {
        // On a busy machine, the run may take longer than the default grace period.
        await using var host = await StartAsync(new() { Limits = new() { Grace = TimeSpan.FromSeconds(30) } });
        // The run takes a second or two, so that the message arrives during the run.
        var running = host.PostJsonAsync(HostedApp.Slow, HostedApp.SlowBody(50_000));
        await host.WaitForLogAsync("Model slow/1 loaded");

        var code = await host.TerminateAsync();

        HostedApp.AssertIsFive(await running);
        Assert.Equal(0, code);
    }

    [NativeFact]
    public async Task Terminate_WhileARequestNeverEnds_ExitsInTime()
    {
        await using var host = await StartAsync(new() { Limits = new() { Grace = TimeSpan.FromSeconds(3) } });
        var endless = host.PostAsync(HostedApp.Slow, HostedApp.SlowBody(long.MaxValue));
        await host.WaitForLogAsync("Model slow/1 loaded");

        Assert.Equal(0, await host.TerminateAsync());

        await Record.ExceptionAsync(() => endless);
    }

    [NativeTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Host_Vanishes_TheProcessEndsAndSaysWhy(bool inGoodOrder)
    {
        await using var host = await StartAsync();
        var endless = host.PostAsync(HostedApp.Slow, HostedApp.SlowBody(long.MaxValue));
        await host.WaitForLogAsync("Model slow/1 loaded");

        if (inGoodOrder)
            host.EndStream();
        else
            await host.VanishAsync();

        Assert.NotEqual(0, await host.WorkerExited.WaitAsync(WaitLimit.Step));
        var line = Assert.Single(
            host.Output.Split('\n'), one => one.Contains("connection to the Functions host", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        await Record.ExceptionAsync(() => endless);
    }

    [NativeFact]
    public async Task Host_IsNotThere_TheProcessEndsAndSaysWhy()
    {
        var nobody = new WorkerStart(new Uri("http://127.0.0.1:1/"), "worker", "request");
        var start = new ProcessStartInfo(FunctionsProcess.Executable, nobody.ToArguments()) { RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(WaitLimit.Step);
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);

        Assert.NotEqual(0, process.ExitCode);
        Assert.Contains("host", Assert.Single(error.TrimEnd().Split('\n')), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Status_WhileKernelsRun_IsAnswered()
    {
        await using var host = await StartAsync();
        using var cancellation = new CancellationTokenSource();
        var endless = PostTooMany(host, cancellation.Token);
        await host.WaitForLogAsync("Model slow/1 loaded");

        for (var i = 0; i < 10; i++)
            await host.PingAsync();

        await cancellation.CancelAsync();
        await Task.WhenAll(endless.Select(request => Record.ExceptionAsync(() => request)));
    }

    [Fact]
    public async Task EnvironmentReload_IsAnsweredAndNothingElseChanges()
    {
        await using var host = await StartAsync();

        var first = await host.ReloadEnvironmentAsync(("SOME_SETTING", "value"));
        var second = await host.ReloadEnvironmentAsync();

        Assert.Equal(StatusResult.Types.Status.Success, first.Result.Status);
        Assert.Equal(StatusResult.Types.Status.Success, second.Result.Status);
        await AssertAnswersAsync(host);
    }

    [Fact]
    public async Task UnknownMessages_AreIgnored()
    {
        await using var host = await StartAsync();

        host.SendUnknownMessage();
        host.Send(new StreamingMessage());
        // Only a worker sends StartStream, so the worker does not expect it.
        host.Send(new StreamingMessage { StartStream = new() { WorkerId = "me" } });
        host.CancelInvocation("nobody");

        await host.PingAsync();
        await AssertAnswersAsync(host);
    }

    [NativeFact]
    public async Task MalformedInvocations_FailAloneAndTheStreamContinues()
    {
        await using var host = await StartAsync();

        host.SendInvocationWithoutId();
        // The first byte announces an InvocationRequest, but the message is incomplete.
        host.SendBytes([0x22, 0x7F, 0x01]);
        var unreadable = await host.InvokeUnreadableAsync();
        var unknown = await host.InvokeUnknownFunctionAsync();
        var withoutFunction = await host.InvokeAsync(new InvocationRequest());

        Assert.False(unreadable.Succeeded);
        Assert.False(unknown.Succeeded);
        Assert.NotEmpty(unknown.Exception!.Message);
        Assert.False(withoutFunction.Succeeded);
        await host.PingAsync();
        await AssertAnswersAsync(host);
    }

    [Fact]
    public async Task Start_AppThatCannotStart_NamesTheReason()
    {
        var refused = await Assert.ThrowsAsync<WorkerViolationException>(
            () => HostedApp.StartAsync(settings: ("Http__MaxBodySize", "none")));

        Assert.Contains("Http__MaxBodySize is \"none\"", refused.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _models.Dispose();
        _cache.Dispose();
    }

    private static async Task AssertAnswersAsync(FunctionsHostDouble host) =>
        HostedApp.AssertIsFive(await host.PostJsonAsync(HostedApp.Slow, HostedApp.SlowBody(1)));

    private static Task<HttpResponseMessage>[] PostTooMany(FunctionsHostDouble host, CancellationToken cancellationToken) =>
        [.. Enumerable.Range(0, TooMany).Select(_ => host.PostAsync(HostedApp.Slow, HostedApp.SlowBody(long.MaxValue), cancellationToken))];

    private Task<FunctionsHostDouble> StartAsync(FunctionsHostOptions? options = null) =>
        HostedApp.StartAsync(options, ("Models__Source", _models.Path), ("Models__CacheDirectory", _cache.Path));
}
