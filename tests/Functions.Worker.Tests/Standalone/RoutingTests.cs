using System.Net;
using Functions.Worker.Registry;
using Functions.Worker.Tests.Support;

namespace Functions.Worker.Tests.Standalone;

public sealed class RoutingTests
{
    [Theory]
    [InlineData("/api/ping", "pong")]
    [InlineData("/api/Any", "GET")]
    [InlineData("/api/items/-12", "item -12")]
    [InlineData("/api/big/9000000000", "big 9000000000")]
    [InlineData("/api/names/ada", "ada|none")]
    [InlineData("/api/names/ada/l%C3%B6w", "ada|löw")]
    [InlineData("/api/names/a%2fb", "a%2fb|none")]
    public async Task Get_KnownPath_AnswersWithItsValues(string path, string expected)
    {
        await using var app = await TestApp.StartAsync();

        Assert.Equal(expected, await app.Client.GetStringAsync(path));
    }

    [Theory]
    [InlineData("/api/items/twelve")]
    [InlineData("/api/items/9000000000")]
    [InlineData("/api/items/%201")]
    [InlineData("/api/big/1.5")]
    [InlineData("/api/nothing")]
    [InlineData("/ping")]
    [InlineData("/")]
    public async Task Get_PathOfNoFunction_IsNotFound(string path)
    {
        await using var app = await TestApp.StartAsync();

        var response = await app.Client.GetAsync(path);

        await ProblemAssert.IsProblemAsync(HttpStatusCode.NotFound, response);
        Assert.Empty(app.Log.Errors);
    }

    [Fact]
    public async Task Get_FunctionAnswers404WithoutBody_IsLeftAlone()
    {
        await using var app = await TestApp.StartAsync();

        var response = await app.Client.GetAsync("/api/missing");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Delete_PathOfOtherMethods_IsNotAllowedAndNamesThem()
    {
        await using var app = await TestApp.StartAsync();

        var response = await app.Client.DeleteAsync("/api/echo");

        await ProblemAssert.IsProblemAsync(HttpStatusCode.MethodNotAllowed, response);
        Assert.Equal(["OPTIONS", "POST", "PUT"], response.Content.Headers.Allow.Order());
    }

    [Theory]
    [InlineData("""{"extensions":{"http":{"routePrefix":""}}}""", "/ping")]
    [InlineData("""{"extensions":{"http":{"routePrefix":"/v1/x/"}}}""", "/v1/x/ping")]
    [InlineData("""{"version":"2.0", /* a comment */ "extensions":{"http":{},},}""", "/api/ping")]
    [InlineData("""{"version":"2.0"}""", "/api/ping")]
    public async Task Get_RoutePrefixInHostJson_IsUsed(string hostJson, string path)
    {
        await using var app = await TestApp.StartAsync(new TempFolder().With("host.json", hostJson), FunctionRegistry.Functions);

        Assert.Equal("pong", await app.Client.GetStringAsync(path));
    }

    [Fact]
    public async Task Get_FunctionsRegisteredInEitherOrder_AnswersTheSame()
    {
        await using var forward = await TestApp.StartAsync(new TempFolder(), FunctionRegistry.Functions);
        await using var backward = await TestApp.StartAsync(new TempFolder(), [.. FunctionRegistry.Functions.Reverse()]);

        foreach (var path in new[] { "/api/ping", "/api/Any", "/api/items/1", "/api/names/a/b", "/api/about", "/api/none" })
        {
            var (first, second) = (await forward.Client.GetAsync(path), await backward.Client.GetAsync(path));
            Assert.Equal(first.StatusCode, second.StatusCode);
            Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        }
    }
}
