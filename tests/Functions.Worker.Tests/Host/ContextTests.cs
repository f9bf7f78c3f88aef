using System.Diagnostics;
using Functions.Worker.Protocol;
using Functions.Worker.Tests.Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Functions.Worker.Tests.Host;

/// <summary>Tests the trace, the retry context and the log of an invocation.</summary>
public sealed class ContextTests
{
    private const string TraceId = "0af7651916cd43dd8448eb211c80319c";
    private const string TraceParent = $"00-{TraceId}-b7ad6b7169203331-01";

    [Fact]
    public async Task Invoke_TraceAndRetry_AreTheHosts()
    {
        FunctionContext? seen = null;
        await using var app = await WorkerApp.StartAsync(MessageFunctions.With(context =>
        {
            seen = context;
            return Task.CompletedTask;
        }));

        var id = await InvokeAsync(app);

        Assert.NotNull(seen);
        Assert.Equal((id, app.IdOf("Run"), "Run"), (seen.InvocationId, seen.FunctionId, seen.FunctionDefinition.Name));
        var trace = seen.TraceContext;
        Assert.Equal((TraceParent, "a=b", "c"), (trace.TraceParent, trace.TraceState, trace.Attributes["k"]));
        Assert.Equal((1, 3), (seen.RetryContext.RetryCount, seen.RetryContext.MaxRetryCount));
    }

    [Fact]
    public async Task Invoke_Request_HasRouteValuesFeaturesAndBindings()
    {
        await using var app = await WorkerApp.StartAsync();

        var (http, response) = await app.InvokeAsync("Context", "/api/context/cats");

        Assert.Equal("cats 1.2 True Version req:httpTrigger:In $return:http:Out", await http.Content.ReadAsStringAsync());
        Assert.Equal((response.InvocationId, "Seen."), (Assert.Single(app.Host.Logs).InvocationId, app.Host.Logs.Single().Message));
    }

    [Fact]
    public async Task Invoke_Message_HasMetadataFeaturesAndBindings()
    {
        string? seen = null;
        await using var app = await WorkerApp.StartAsync(MessageFunctions.With(context =>
        {
            seen = ContextFunctions.Describe(context, "dequeuecount");
            return Task.CompletedTask;
        }));

        await InvokeAsync(app);

        Assert.Equal("1 1.2 True Version message:queueTrigger:In ", seen);
    }

    [Fact]
    public async Task Invoke_SomeoneTraces_RunsInAnActivityOfTheHostsTrace()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.Azure.Functions.Worker",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        Activity? seen = null;
        await using var app = await WorkerApp.StartAsync(MessageFunctions.With(_ =>
        {
            seen = Activity.Current;
            throw new InvalidOperationException("bad");
        }));

        var id = await InvokeAsync(app);

        Assert.NotNull(seen);
        Assert.Equal((TraceId, "b7ad6b7169203331", "a=b"), (seen.TraceId.ToString(), seen.ParentSpanId.ToString(), seen.TraceStateString));
        Assert.Equal((id, "Run"), (seen.GetTagItem("faas.invocation_id"), seen.GetTagItem("faas.name")));
        Assert.Equal(ActivityStatusCode.Error, seen.Status);
        Assert.True(seen.IsStopped);
    }

    [Fact]
    public async Task Log_InAnInvocation_IsSentToTheHostWithItsId()
    {
        await using var app = await WorkerApp.StartAsync(MessageFunctions.With(context =>
        {
            var loggers = context.InstanceServices.GetRequiredService<ILoggerFactory>();
            Write(loggers.CreateLogger("Quiet"), LogLevel.Warning, "unheard");
            var logger = loggers.CreateLogger("Mine");
            Write(logger, LogLevel.Debug, "unheard");
            Write(logger, LogLevel.Warning, "heard", new FormatException("why"));
            throw new InvalidOperationException("bad");
        }));

        var id = await InvokeAsync(app);

        Assert.Equal(2, app.Host.Logs.Count);
        Assert.All(app.Host.Logs, log => Assert.Equal(id, log.InvocationId));
        var mine = app.Host.Logs.First();
        Assert.Equal(
            ("Mine", "heard", "7", RpcLog.Types.Level.Warning, RpcLog.Types.RpcLogCategory.User, "why"),
            (mine.Category, mine.Message, mine.EventId, mine.Level, mine.LogCategory, mine.Exception.Message));
        var own = app.Host.Logs.Last();
        Assert.Equal(
            (RpcLog.Types.Level.Error, RpcLog.Types.RpcLogCategory.System, "Function Run failed."),
            (own.Level, own.LogCategory, own.Message));
    }

    [Fact]
    public async Task Log_AfterTheInvocation_IsNotTheHosts()
    {
        var over = new TaskCompletionSource();
        var late = Task.CompletedTask;
        await using var app = await WorkerApp.StartAsync(MessageFunctions.With(context =>
        {
            var logger = context.InstanceServices.GetRequiredService<ILoggerFactory>().CreateLogger("Mine");
            late = LogLaterAsync();
            return Task.CompletedTask;

            async Task LogLaterAsync()
            {
                await over.Task;
                Write(logger, LogLevel.Warning, "late");
            }
        }));
        await InvokeAsync(app);

        over.SetResult();
        await late;

        // The reply to this request would follow the log entry on the stream if the entry had been sent.
        await app.Host.RequestAsync(new() { WorkerStatusRequest = new() }, StreamingMessage.ContentOneofCase.WorkerStatusResponse);
        Assert.Empty(app.Host.Logs);
    }

    [Fact]
    public async Task Log_InAProxiedRequest_IsSentToTheHostWithItsId()
    {
        await using var app = await WorkerApp.StartAsync();

        var (_, response) = await app.InvokeAsync("Fail", "/api/fail");

        var log = Assert.Single(app.Host.Logs);
        Assert.Equal((response.InvocationId, "Function Fail failed."), (log.InvocationId, log.Message));
    }

    private static void Write(ILogger logger, LogLevel level, string text, Exception? exception = null) =>
        logger.Log(level, new EventId(7), text, exception, (state, _) => state);

    private static async Task<string> InvokeAsync(WorkerApp app)
    {
        var id = app.Announce("Run", with: request =>
        {
            request.InputData.Add(MessageTests.Message(new() { String = "" }));
            request.TraceContext = new() { TraceParent = TraceParent, TraceState = "a=b", Attributes = { ["k"] = "c" } };
            request.RetryContext = new() { RetryCount = 1, MaxRetryCount = 3 };
        });
        return (await app.Host.ResponseAsync(id)).InvocationId;
    }
}
