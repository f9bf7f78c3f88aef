using System.Globalization;
using Inference.Remote.Calls;
using Inference.Remote.Tests.Support;
using Inference.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace Inference.Remote.Tests;

/// <summary>Tests servers that refuse calls, stop, hang, are slow, or send too large responses.</summary>
public sealed class PeerFailureTests
{
    [Theory]
    [InlineData(400, InferenceError.RuntimeFailure)]
    [InlineData(413, InferenceError.RuntimeFailure)]
    [InlineData(401, InferenceError.ModelUnavailable)]
    [InlineData(404, InferenceError.ModelUnavailable)]
    [InlineData(429, InferenceError.Overloaded)]
    [InlineData(500, InferenceError.ModelUnavailable)]
    [InlineData(503, InferenceError.ModelUnavailable)]
    [InlineData(504, InferenceError.DeadlineExceeded)]
    [InlineData(302, InferenceError.ModelUnavailable)]
    public async Task RunAsync_Status_IsMappedWithTheServersMessage(int status, InferenceError expected)
    {
        await using var server = await TritonDouble.StartAsync();
        server.Refuse(TritonDouble.Infer, status, $$"""{"error":"no \n {{new string('x', 5000)}}"}""", retryAfter: "9");
        await using var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url);

        var error = await sut.FailAsync();

        Assert.Equal(expected, error.Error);
        Assert.Contains($"responded with {status}: no   xxx", error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 800);
        Assert.Equal(TimeSpan.FromSeconds(9), error.RetryAfter);
        Assert.Equal(1, server.Count(TritonDouble.Infer));
    }

    /// <summary>
    /// The server's clock is an hour ahead, and its Date header says so. Without a valid Date header, the caller's clock counts.
    /// </summary>
    [Theory]
    [InlineData(9, true, 9)]
    [InlineData(-9, true, 0)]
    [InlineData(9, false, 9)]
    public async Task RunAsync_RetryAfterIsADate_IsTheTimeUntilThen(int seconds, bool hasDate, int expected)
    {
        var time = new FakeTimeProvider();
        await using var server = await TritonDouble.StartAsync();
        var now = time.GetUtcNow().AddHours(hasDate ? 1 : 0);
        server.Refuse(
            TritonDouble.Infer, 429, "", retryAfter: Text(now.AddSeconds(seconds)), date: hasDate ? Text(now) : "not a date");
        await using var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url, time);

        var error = await sut.FailAsync();

        Assert.Equal(TimeSpan.FromSeconds(expected), error.RetryAfter);

        static string Text(DateTimeOffset date) => date.ToString("R", CultureInfo.InvariantCulture);
    }

    [Fact]
    public async Task RunAsync_BusyForAMoment_IsRetried()
    {
        await using var server = await TritonDouble.StartAsync();
        var refusals = CallPolicy.MaxRetries;
        server.Handlers[TritonDouble.Infer] = context =>
        {
            if (refusals-- == 0)
                return TritonDouble.DoubleAsync(context);
            context.Response.Headers.RetryAfter = "0";
            return PeerServer.WriteAsync(context, 503, "");
        };
        await using var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url);

        Assert.Equal("2 4", await sut.RunAsync(1, 2));
        Assert.Equal(1 + CallPolicy.MaxRetries, server.Count(TritonDouble.Infer));
    }

    [Fact]
    public async Task RunAsync_ServerStopped_IsUnreachable()
    {
        var server = await TritonDouble.StartAsync();
        await using var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url);
        await server.DisposeAsync();

        // The first call may still use the old connection, which then breaks.
        Assert.Equal(InferenceError.ModelUnavailable, (await sut.FailAsync()).Error);
        var error = await sut.FailAsync();

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains("cannot be reached", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_ConnectionBreaksInTheAnswer_IsNotRetried()
    {
        await using var server = await TritonDouble.StartAsync();
        server.Handlers[TritonDouble.Infer] = async context =>
        {
            context.Response.ContentLength = 100;
            await context.Response.WriteAsync("{");
            await context.Response.Body.FlushAsync();
            context.Abort();
        };
        await using var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url);

        var error = await sut.FailAsync();

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains("broke the connection", error.Message, StringComparison.Ordinal);
        Assert.Equal(1, server.Count(TritonDouble.Infer));
    }

    [Fact]
    public async Task RunAsync_ServerHangs_EndsAtTheTimeLimitAndBreaksTheCallOff()
    {
        var time = new FakeTimeProvider();
        await using var server = await TritonDouble.StartAsync();
        var (arrived, disconnected) = Hang(server);
        await using var sut =
            await LoadedRemote.LoadAsync("""{"kind":"open-inference","url":"{url}","timeout":"00:00:03"}""", server.Url, time);

        var run = sut.FailAsync();
        await arrived.WaitAsync(WaitLimit.Step);
        time.Advance(TimeSpan.FromSeconds(3));
        var error = await run.WaitAsync(WaitLimit.Step);

        Assert.Equal(InferenceError.DeadlineExceeded, error.Error);
        Assert.Contains("3000 ms", error.Message, StringComparison.Ordinal);
        await disconnected.WaitAsync(WaitLimit.Step);
    }

    [Fact]
    public async Task RunAsync_CallerLeaves_BreaksTheCallOff()
    {
        await using var server = await TritonDouble.StartAsync();
        var (arrived, disconnected) = Hang(server);
        await using var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url);
        using var caller = new CancellationTokenSource();

        var run = sut.RunAsync(1, 2, caller.Token);
        await arrived.WaitAsync(WaitLimit.Step);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(WaitLimit.Step));
        await disconnected.WaitAsync(WaitLimit.Step);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_MoreThanTheBound_IsNotRead(bool tellsLength)
    {
        await using var server = await TritonDouble.StartAsync();
        server.Handlers[TritonDouble.Infer] = async context =>
        {
            if (tellsLength)
                context.Response.ContentLength = 1_000_000_000;
            var piece = new byte[10_000];
            // Sends until the client disconnects, at most 1 GB. That is more than all buffers on the way can hold.
            for (var sent = 0; sent < 1_000_000_000 && !context.RequestAborted.IsCancellationRequested; sent += piece.Length)
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
        };
        await using var sut =
            await LoadedRemote.LoadAsync("""{"kind":"open-inference","url":"{url}","maxResponseBytes":50000}""", server.Url);

        var error = await sut.FailAsync();

        Assert.Contains("more than the 50000 bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_BreakerOpensAndCloses()
    {
        var time = new FakeTimeProvider();
        await using var server = await TritonDouble.StartAsync();
        var healthy = server.Handlers[TritonDouble.Infer];
        server.Refuse(TritonDouble.Infer, 500, "");
        await using var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url, time);

        for (var call = 0; call < CallPolicy.MinCalls; call++)
        {
            Assert.Null(sut.Session.KnownFault);
            await sut.FailAsync();
        }

        var open = await sut.FailAsync();
        Assert.Equal((InferenceError.ModelUnavailable, CallPolicy.BreakTime), (open.Error, open.RetryAfter!.Value));
        Assert.Equal(CallPolicy.BreakTime, sut.Session.KnownFault!.RetryAfter);
        Assert.Contains("responded with 500", sut.Session.KnownFault.Message, StringComparison.Ordinal);
        Assert.Equal(CallPolicy.MinCalls, server.Count(TritonDouble.Infer));

        server.Handlers[TritonDouble.Infer] = healthy;
        time.Advance(CallPolicy.BreakTime);
        Assert.Null(sut.Session.KnownFault);
        Assert.Equal("2 4", await sut.RunAsync(1, 2));
        Assert.Equal("4 6", await sut.RunAsync(2, 3));
    }

    [Fact]
    public async Task RunAsync_CallersFault_OpensNoBreaker()
    {
        await using var server = await TritonDouble.StartAsync();
        server.Refuse(TritonDouble.Infer, 400, """{"error":"these values"}""");
        await using var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url);

        for (var call = 0; call < 2 * CallPolicy.MinCalls; call++)
            Assert.Equal(InferenceError.RuntimeFailure, (await sut.FailAsync()).Error);

        Assert.Null(sut.Session.KnownFault);
        Assert.Equal(2 * CallPolicy.MinCalls, server.Count(TritonDouble.Infer));
    }

    [Fact]
    public async Task Dispose_Session_ClosesItsConnections()
    {
        await using var server = await TritonDouble.StartAsync();
        await using (var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url))
            await sut.RunAsync(1, 2);

        await server.AllConnectionsClosedAsync();
    }

    private static (Task Arrived, Task Left) Hang(PeerServer server)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var disconnected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Handlers[TritonDouble.Infer] = async context =>
        {
            using var registration = context.RequestAborted.Register(() => disconnected.TrySetResult());
            arrived.TrySetResult();
            await disconnected.Task;
        };
        return (arrived.Task, disconnected.Task);
    }
}
