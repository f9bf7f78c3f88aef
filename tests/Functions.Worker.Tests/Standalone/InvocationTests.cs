using System.Net;
using System.Net.Sockets;
using System.Text;
using Functions.Worker.Tests.Support;
using Inference.Testing;

namespace Functions.Worker.Tests.Standalone;

public sealed class InvocationTests
{
    [Fact]
    public async Task Get_FunctionContext_DescribesTheInvocation()
    {
        await using var app = await TestApp.StartAsync();

        Assert.Equal(
            "About Functions.Worker.Tests.Functions.PlainFunctions.About True True", await app.Client.GetStringAsync("/api/about"));
    }

    [Fact]
    public async Task Get_FunctionContext_HasRouteValuesFeaturesAndBindings()
    {
        await using var app = await TestApp.StartAsync();

        Assert.Equal(
            "cats 1.2 True Version req:httpTrigger:In $return:http:Out", await app.Client.GetStringAsync("/api/context/cats"));
    }

    [Fact]
    public async Task Get_AnyFunction_HasNoServerHeader()
    {
        await using var app = await TestApp.StartAsync();

        var response = await app.Client.GetAsync("/api/ping");

        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Get_FunctionThrows_AnswersWithoutTheReasonAndLogsIt()
    {
        await using var app = await TestApp.StartAsync();

        var detail = await ProblemAssert.IsProblemAsync(HttpStatusCode.InternalServerError, await app.Client.GetAsync("/api/fail"));

        Assert.DoesNotContain("secret", detail, StringComparison.Ordinal);
        Assert.Equal("Function Fail failed.", Assert.Single(app.Log.Errors));
        Assert.Equal("pong", await app.Client.GetStringAsync("/api/ping"));
    }

    [Fact]
    public async Task Get_FunctionThrowsInTheMiddleOfItsResponse_BreaksTheConnection()
    {
        await using var app = await TestApp.StartAsync();

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => app.Client.GetStringAsync("/api/fail-late"));

        Assert.Equal("Function FailLate failed.", Assert.Single(app.Log.Errors));
    }

    [Fact]
    public async Task Post_BodyLargerThanTheLimit_IsTooLarge()
    {
        await using var app = await TestApp.StartAsync();

        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", app.Client.BaseAddress!.Port);
        var stream = client.GetStream();
        await stream.WriteAsync("POST /api/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 104857601\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var response = await reader.ReadToEndAsync().WaitAsync(WaitLimit.Step);

        Assert.StartsWith("HTTP/1.1 413", response, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", response, StringComparison.Ordinal);
        Assert.EndsWith("}", response, StringComparison.Ordinal);
        Assert.Empty(app.Log.Errors);
    }

    [Fact]
    public async Task Get_ClientLeaves_ReachesTheFunctionsTokenAndIsNoError()
    {
        await using var app = await TestApp.StartAsync();
        using var leaving = new CancellationTokenSource();

        var request = app.Client.GetAsync("/api/wait", leaving.Token);
        await app.Gate.Entered.WaitAsync(WaitLimit.Step);
        await leaving.CancelAsync();

        await app.Gate.Cancelled.WaitAsync(WaitLimit.Step);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        await app.StopAsync();
        Assert.Empty(app.Log.Errors);
    }

    [Fact]
    public async Task Stop_RequestRunning_FinishesIt()
    {
        await using var app = await TestApp.StartAsync();

        var request = app.Client.GetStringAsync("/api/wait");
        await app.Gate.Entered.WaitAsync(WaitLimit.Step);
        var stop = app.StopAsync();
        Assert.False(stop.IsCompleted);
        app.Gate.Release();

        Assert.Equal("done", await request.WaitAsync(WaitLimit.Step));
        await stop.WaitAsync(WaitLimit.Step);
        await Assert.ThrowsAsync<HttpRequestException>(() => app.Client.GetAsync("/api/ping"));
    }
}
