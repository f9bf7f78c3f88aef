using System.Net;
using Functions.Worker.Tests.Support;

namespace Functions.Worker.Tests.Standalone;

public sealed class AccessKeyTests
{
    private const string Both = "--Keys:Function=f-key --Keys:Admin=a-key";
    private const string FunctionOnly = "--Keys:Function=f-key";
    private const string AdminOnly = "--Keys:Admin=a-key";

    [Theory]
    [InlineData("", "function", null, true)]
    [InlineData("", "admin", null, true)]
    [InlineData(Both, "function", null, false)]
    [InlineData(Both, "function", "", false)]
    [InlineData(Both, "function", "wrong", false)]
    [InlineData(Both, "function", "f-ke", false)]
    [InlineData(Both, "function", "f-key", true)]
    [InlineData(Both, "function", "a-key", true)]
    [InlineData(Both, "admin", "f-key", false)]
    [InlineData(Both, "admin", "a-key", true)]
    [InlineData(Both, "system", "f-key", false)]
    [InlineData(Both, "system", "a-key", true)]
    [InlineData(FunctionOnly, "function", "f-key", true)]
    [InlineData(FunctionOnly, "admin", "f-key", false)]
    [InlineData(AdminOnly, "function", "a-key", true)]
    [InlineData(AdminOnly, "function", "f-key", false)]
    public async Task Get_GuardedFunction_NeedsTheKeyOfItsLevel(string settings, string level, string? key, bool isIn)
    {
        await using var app = await TestApp.StartAsync(settings.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        using var byHeader = new HttpRequestMessage(HttpMethod.Get, $"/api/guarded/{level}");
        if (key is not null)
            byHeader.Headers.Add("x-functions-key", key);
        using var byToken = new HttpRequestMessage(HttpMethod.Get, $"/api/guarded/{level}");
        if (key is not null)
            byToken.Headers.TryAddWithoutValidation("Authorization", $"bearer {key}");
        var responses = new[]
        {
            await app.Client.SendAsync(byHeader),
            await app.Client.SendAsync(byToken),
            await app.Client.GetAsync($"/api/guarded/{level}" + (key is null ? "" : $"?code={key}")),
        };

        foreach (var response in responses)
        {
            if (isIn)
                Assert.Equal("in", await response.Content.ReadAsStringAsync());
            else
                await ProblemAssert.IsProblemAsync(HttpStatusCode.Unauthorized, response);
        }
    }

    /// <summary>A gateway in front of the server may use the header Authorization for itself.</summary>
    [Theory]
    [InlineData("f-key", "Bearer other", HttpStatusCode.OK)]
    [InlineData("", "Bearer f-key", HttpStatusCode.OK)]
    [InlineData(null, "Basic f-key", HttpStatusCode.Unauthorized)]
    [InlineData(null, "Bearerf-key", HttpStatusCode.Unauthorized)]
    [InlineData(null, "Bearer", HttpStatusCode.Unauthorized)]
    [InlineData("wrong", "Bearer f-key", HttpStatusCode.Unauthorized)]
    public async Task Get_KeyHeaderBesideAuthorization_IsTheKeyWhenItIsThere(string? key, string authorization, HttpStatusCode expected)
    {
        await using var app = await TestApp.StartAsync(FunctionOnly);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/guarded/function");
        if (key is not null)
            request.Headers.TryAddWithoutValidation("x-functions-key", key);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        Assert.Equal(expected, (await app.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Get_AnonymousFunction_NeedsNoKey()
    {
        await using var app = await TestApp.StartAsync(FunctionOnly);

        Assert.Equal("pong", await app.Client.GetStringAsync("/api/ping"));
    }

    [Fact]
    public async Task Get_AdminLevelWithoutAdminKeyConfigured_NamesTheSetting()
    {
        await using var app = await TestApp.StartAsync(FunctionOnly);

        var detail =
            await ProblemAssert.IsProblemAsync(HttpStatusCode.Unauthorized, await app.Client.GetAsync("/api/guarded/admin?code=f-key"));

        Assert.Contains("Set Keys__Admin on the server.", detail, StringComparison.Ordinal);
    }
}
