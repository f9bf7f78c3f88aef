using System.Net;
using Functions.Worker.Protocol;
using Functions.Worker.Tests.Support;

namespace Functions.Worker.Tests.Host;

public sealed class ProxyTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Invoke_EitherHalfFirst_RunsTheFunction(bool requestFirst)
    {
        await using var app = await WorkerApp.StartAsync();
        var id = Guid.NewGuid().ToString();

        if (!requestFirst)
            app.Announce("Item", id);
        var request = app.ForwardAsync(id, "/api/items/7");
        if (requestFirst)
        {
            // The worker refuses one of two requests with the same id. The refusal proves that the other request is waiting.
            var other = app.ForwardAsync(id, "/api/items/7");
            var refused = await Task.WhenAny(request, other).WaitAsync(FakeHost.Timeout);
            await ProblemAssert.IsProblemAsync(HttpStatusCode.Conflict, await refused);
            request = refused == request ? other : request;
            app.Announce("Item", id);
        }

        Assert.Equal("item 7", await (await request.WaitAsync(FakeHost.Timeout)).Content.ReadAsStringAsync());
        var response = await app.Host.ResponseAsync(id);
        Assert.Equal(StatusResult.Types.Status.Success, response.Result.Status);
        Assert.Null(response.ReturnValue);
        Assert.Empty(response.OutputData);
    }

    [Fact]
    public async Task Invoke_ResponseStillBeingWritten_IsNotReported()
    {
        await using var app = await WorkerApp.StartAsync();
        var body = new GatedContent();

        var id = app.Announce("WaitForBody");
        var http = app.ForwardAsync(id, "/api/wait-for-body", body);
        var response = app.Host.ResponseAsync(id);
        await body.Started.WaitAsync(FakeHost.Timeout);
        Assert.False(response.IsCompleted);
        body.Finish("all of it");

        Assert.Equal("all of it", await (await http).Content.ReadAsStringAsync());
        Assert.Equal(StatusResult.Types.Status.Success, (await response).Result.Status);
    }

    [Theory]
    [InlineData("Name", "/api/names/ada", "ada|none")]
    [InlineData("Name", "/API/Names/ada/l%C3%B6w", "ada|löw")]
    [InlineData("Name", "/api/names/a%2fb", "a%2fb|none")]
    [InlineData("Big", "/api/big/9000000000", "big 9000000000")]
    // The host's choice counts, even if the template of another function fits better.
    [InlineData("Name", "/api/names/ping", "ping|none")]
    public async Task Invoke_RouteValues_AreOfTheCalledFunction(string function, string path, string expected)
    {
        await using var app = await WorkerApp.StartAsync();

        var (http, _) = await app.InvokeAsync(function, path);

        Assert.Equal(expected, await http.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Invoke_FunctionContext_IsTheHosts()
    {
        await using var app = await WorkerApp.StartAsync();

        var (http, _) = await app.InvokeAsync("About", "/api/about");

        Assert.Equal("About Functions.Worker.Tests.Functions.PlainFunctions.About True True", await http.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Invoke_LargeChunkedBody_ArrivesWhole()
    {
        await using var app = await WorkerApp.StartAsync();
        var text = new string('x', 40_000_000);
        using var body = new StreamContent(new MemoryStream(System.Text.Encoding.ASCII.GetBytes(text)));
        body.Headers.ContentLength = null;

        var (http, response) = await app.InvokeAsync("Echo", "/api/echo", body);

        Assert.Equal(text.Length, (await http.Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal(StatusResult.Types.Status.Success, response.Result.Status);
    }

    [Fact]
    public async Task Invoke_FunctionThrows_FailsWithItsException()
    {
        await using var app = await WorkerApp.StartAsync();

        var (http, response) = await app.InvokeAsync("Fail", "/api/fail");

        var detail = await ProblemAssert.IsProblemAsync(HttpStatusCode.InternalServerError, http);
        Assert.DoesNotContain("secret", detail, StringComparison.Ordinal);
        Assert.Equal(StatusResult.Types.Status.Failure, response.Result.Status);
        Assert.Equal("secret reason", response.Result.Exception.Message);
        Assert.Equal("System.InvalidOperationException", response.Result.Exception.Type);
        Assert.True(response.Result.Exception.IsUserException);
        Assert.Contains("FailingFunctions.Fail", response.Result.Exception.StackTrace, StringComparison.Ordinal);
        var (next, _) = await app.InvokeAsync("Ping", "/api/ping");
        Assert.Equal("pong", await next.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Invoke_FunctionThrowsInTheMiddleOfItsResponse_BreaksItAndFails()
    {
        await using var app = await WorkerApp.StartAsync();

        var id = app.Announce("FailLate");
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => app.ForwardAsync(id, "/api/fail-late"));

        Assert.Equal(StatusResult.Types.Status.Failure, (await app.Host.ResponseAsync(id)).Result.Status);
    }

    [Fact]
    public async Task Invoke_FunctionRefusesTheRequest_IsTheClientsFaultAndASuccess()
    {
        await using var app = await WorkerApp.StartAsync();

        var (http, response) = await app.InvokeAsync("Refuse", "/api/refuse");

        await ProblemAssert.IsProblemAsync(HttpStatusCode.RequestEntityTooLarge, http);
        Assert.Equal(StatusResult.Types.Status.Success, response.Result.Status);
    }

    [Fact]
    public async Task Invoke_ClientLeaves_ReachesTheFunctionsTokenAndIsCancelled()
    {
        await using var app = await WorkerApp.StartAsync();
        using var leaving = new CancellationTokenSource();
        var id = app.Announce("Wait");
        var request = app.ForwardAsync(id, "/api/wait", cancellationToken: leaving.Token);
        await app.Gate.Entered.WaitAsync(FakeHost.Timeout);

        await leaving.CancelAsync();

        await app.Gate.Cancelled.WaitAsync(FakeHost.Timeout);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
        Assert.Equal(StatusResult.Types.Status.Cancelled, (await app.Host.ResponseAsync(id)).Result.Status);
    }

    [Fact]
    public async Task Invoke_HostCancels_ReachesTheFunctionsTokenAndIsCancelled()
    {
        await using var app = await WorkerApp.StartAsync();
        var id = app.Announce("Wait");
        var request = app.ForwardAsync(id, "/api/wait");
        await app.Gate.Entered.WaitAsync(FakeHost.Timeout);

        app.Host.Send(new() { InvocationCancel = new() { InvocationId = id } });

        await app.Gate.Cancelled.WaitAsync(FakeHost.Timeout);
        await ProblemAssert.IsProblemAsync(HttpStatusCode.ServiceUnavailable, await request);
        Assert.Equal(StatusResult.Types.Status.Cancelled, (await app.Host.ResponseAsync(id)).Result.Status);
    }

    [Fact]
    public async Task Invoke_CancelledBeforeItsRequestArrives_IsAnswered()
    {
        await using var app = await WorkerApp.StartAsync();

        var id = app.Announce("Wait");
        app.Host.Send(new() { InvocationCancel = new() { InvocationId = id } });

        Assert.Equal(StatusResult.Types.Status.Cancelled, (await app.Host.ResponseAsync(id)).Result.Status);
        Assert.False(app.Gate.Entered.IsCompleted);
    }

    [Fact]
    public async Task Invoke_TwoAtOnce_RunSideBySide()
    {
        await using var app = await WorkerApp.StartAsync();
        var slow = app.Announce("Wait");
        var slowRequest = app.ForwardAsync(slow, "/api/wait");
        await app.Gate.Entered.WaitAsync(FakeHost.Timeout);

        var (quick, _) = await app.InvokeAsync("Ping", "/api/ping");

        Assert.Equal("pong", await quick.Content.ReadAsStringAsync());
        Assert.False(slowRequest.IsCompleted);
        app.Gate.Release();
        Assert.Equal("done", await (await slowRequest).Content.ReadAsStringAsync());
        await app.Host.ResponseAsync(slow);
    }

    [Fact]
    public async Task Invoke_SameIdTwice_RefusesTheSecond()
    {
        await using var app = await WorkerApp.StartAsync();
        var id = app.Announce("Wait");
        app.Announce("Wait", id);

        Assert.Equal(StatusResult.Types.Status.Failure, (await app.Host.ResponseAsync(id)).Result.Status);
        app.Gate.Release();
        Assert.Equal("done", await (await app.ForwardAsync(id, "/api/wait")).Content.ReadAsStringAsync());
        Assert.Equal(StatusResult.Types.Status.Success, (await app.Host.ResponseAsync(id)).Result.Status);
    }

    [Fact]
    public async Task Invoke_UnknownFunction_Fails()
    {
        await using var app = await WorkerApp.StartAsync();

        var id = app.Announce("Ping", with: request => request.FunctionId = "none");

        var result = (await app.Host.ResponseAsync(id)).Result;
        Assert.Equal(StatusResult.Types.Status.Failure, result.Status);
        Assert.Contains("'none'", result.Exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_WithoutTheHostsHeader_IsForbidden()
    {
        await using var app = await WorkerApp.StartAsync();

        await ProblemAssert.IsProblemAsync(HttpStatusCode.Forbidden, await app.Client.GetAsync("/api/ping"));
    }
}
