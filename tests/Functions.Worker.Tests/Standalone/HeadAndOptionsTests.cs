using System.Net;
using Functions.Worker.Tests.Support;

namespace Functions.Worker.Tests.Standalone;

/// <summary>Tests HEAD and OPTIONS, which monitors and load balancers send.</summary>
public sealed class HeadAndOptionsTests
{
    [Theory]
    [InlineData("/api/ping")]
    [InlineData("/api/items/7")]
    [InlineData("/api/big/9")]
    [InlineData("/api/items/none")]
    [InlineData("/api/missing")]
    [InlineData("/api/nothing")]
    public async Task Head_GetRoute_HasStatusAndHeadersOfGetAndNoBody(string path)
    {
        await using var app = await TestApp.StartAsync();
        using var get = await app.Client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);

        using var head = await app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));

        Assert.Equal(get.StatusCode, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        // An empty body has a Content-Length of 0 only in the response to GET.
        Assert.Equal(get.Content.Headers.ContentLength ?? 0, head.Content.Headers.ContentLength ?? 0);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        Assert.Empty(app.Log.Errors);
    }

    [Fact]
    public async Task Head_WrongKey_IsRefusedAsGet()
    {
        await using var app = await TestApp.StartAsync("--Keys:Function=f-key");

        using var head = await app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/guarded/function"));

        Assert.Equal(HttpStatusCode.Unauthorized, head.StatusCode);
        Assert.Equal("Bearer", head.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task Head_RouteOfOtherMethods_IsNotAllowed()
    {
        await using var app = await TestApp.StartAsync();

        using var head = await app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/api/echo"));

        Assert.Equal(HttpStatusCode.MethodNotAllowed, head.StatusCode);
        Assert.Equal(["OPTIONS", "POST", "PUT"], head.Content.Headers.Allow.Order());
    }

    [Theory]
    [InlineData("/api/ping", "GET HEAD OPTIONS")]
    [InlineData("/api/echo", "OPTIONS POST PUT")]
    [InlineData("/api/guarded/function", "GET HEAD OPTIONS")]
    public async Task Options_Route_NamesItsMethodsWithoutAKey(string path, string methods)
    {
        await using var app = await TestApp.StartAsync("--Keys:Function=f-key");

        using var options = await app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, path));

        Assert.Equal(HttpStatusCode.NoContent, options.StatusCode);
        Assert.Equal(methods, string.Join(' ', options.Content.Headers.Allow.Order()));
    }

    [Fact]
    public async Task Options_PathOfNoFunction_IsNotFound()
    {
        await using var app = await TestApp.StartAsync();

        using var options = await app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/api/nothing"));

        await ProblemAssert.IsProblemAsync(HttpStatusCode.NotFound, options);
    }
}
