using System.Net;
using Functions.Worker.Hosting;
using Functions.Worker.Standalone;
using Functions.Worker.Tests.Support;

namespace Functions.Worker.Tests.Standalone;

/// <summary>Tests <c>Http__Cors__Origins</c>, the origins whose pages may call the server.</summary>
public sealed class CorsTests
{
    private const string Friend = "https://app.example.org";
    private const string Setting = $"--Http:Cors:Origins=http://localhost:3000, {Friend}";

    [Theory]
    [InlineData(Setting, Friend, Friend)]
    [InlineData(Setting, "http://localhost:3000", "http://localhost:3000")]
    [InlineData("--Http:Cors:Origins=*", "https://any.example", "*")]
    [InlineData(Setting, "https://evil.example", null)]
    [InlineData(Setting, "https://app.example.org:444", null)]
    [InlineData(Setting, "http://app.example.org", null)]
    [InlineData(Setting, "https://app.example.org.evil.example", null)]
    [InlineData(Setting, "null", null)]
    public async Task Preflight_Origin_IsAnsweredForThoseOfTheSetting(string setting, string origin, string? allowed)
    {
        await using var app = await TestApp.StartAsync(setting, "--Keys:Function=key");
        using var request = new HttpRequestMessage(HttpMethod.Options, "/api/guarded/function")
        {
            Headers =
            {
                { "Origin", origin },
                { "Access-Control-Request-Method", "POST" },
                { "Access-Control-Request-Headers", "content-type,x-functions-key" },
            },
        };

        var response = await app.Client.SendAsync(request);

        Assert.Equal(allowed, Value(response, "Access-Control-Allow-Origin"));
        Assert.Equal(allowed is null ? null : "POST", Value(response, "Access-Control-Allow-Methods"));
        Assert.Equal(allowed is null ? null : "content-type,x-functions-key", Value(response, "Access-Control-Allow-Headers"));
        Assert.Null(Value(response, "Access-Control-Allow-Credentials"));
    }

    [Theory]
    [InlineData(Friend, true)]
    [InlineData("https://evil.example", false)]
    public async Task Post_OriginWithoutKeys_IsAnsweredForThoseOfTheSetting(string origin, bool isIn)
    {
        await using var app = await TestApp.StartAsync(Setting);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/any")
        {
            Headers = { { "Origin", origin }, { "Sec-Fetch-Site", "cross-site" } },
        };

        var response = await app.Client.SendAsync(request);

        Assert.Equal(isIn ? HttpStatusCode.OK : HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Equal(isIn ? origin : null, Value(response, "Access-Control-Allow-Origin"));
    }

    /// <summary>A cache must not give a response for one origin to a page of another.</summary>
    [Theory]
    [InlineData(Setting, Friend, "Origin")]
    [InlineData($"--Http:Cors:Origins={Friend}", Friend, "Origin")]
    [InlineData($"--Http:Cors:Origins={Friend}", null, "Origin")]
    [InlineData("--Http:Cors:Origins=*", Friend, null)]
    public async Task Get_OriginsAreNamed_ResponseVariesByOrigin(string setting, string? origin, string? vary)
    {
        await using var app = await TestApp.StartAsync(setting);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/ping");
        if (origin is not null)
            request.Headers.Add("Origin", origin);

        var response = await app.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(vary, Value(response, "Vary"));
    }

    [Fact]
    public async Task Get_ScriptOfAnAllowedOrigin_ReadsAnswersErrorsAndTheirHeaders()
    {
        await using var app = await TestApp.StartAsync(Setting);
        foreach (var path in new[] { "/api/ping", "/api/fail", "/api/nothing" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path)
            {
                Headers = { { "Origin", Friend }, { "Sec-Fetch-Site", "cross-site" }, { "Sec-Fetch-Dest", "empty" } },
            };

            var response = await app.Client.SendAsync(request);

            Assert.Equal(Friend, Value(response, "Access-Control-Allow-Origin"));
            Assert.Contains("Retry-After", Value(response, "Access-Control-Expose-Headers"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Post_AllowedOriginThroughAForeignHost_IsMisdirected()
    {
        await using var app = await TestApp.StartAsync("--Http:Cors:Origins=*");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/ping") { Headers = { Host = "evil.example" } };

        Assert.Equal(HttpStatusCode.MisdirectedRequest, (await app.Client.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("https://App.Example.org:443", "https://app.example.org")]
    [InlineData("HTTP://localhost:80", "http://localhost")]
    [InlineData("http://[::1]:3000", "http://[::1]:3000")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("chrome-extension://abcdefgh", "chrome-extension://abcdefgh")]
    public void Read_Origin_IsAsABrowserSendsIt(string text, string origin) =>
        Assert.Equal([origin], CorsOrigins.Parse(text)!.Named);

    [Theory]
    [InlineData("app.example.org")]
    [InlineData("https://app.example.org/")]
    [InlineData("https://app.example.org/path")]
    [InlineData("https://app.example.org?x")]
    [InlineData("https://user@app.example.org")]
    [InlineData("https://*.example.org")]
    [InlineData("https://app.example.org, *")]
    [InlineData("null")]
    [InlineData("https://")]
    [InlineData("https://a:port")]
    [InlineData("mailto:a")]
    [InlineData("file:///etc")]
    [InlineData("https://a https://b")]
    [InlineData(",")]
    public void Read_NoOrigin_RefusesTheStartAndNamesTheSetting(string text)
    {
        var refusal = Assert.Throws<StartupException>(() => CorsOrigins.Parse(text));

        Assert.Contains("Http__Cors__Origins", refusal.Message, StringComparison.Ordinal);
    }

    private static string? Value(HttpResponseMessage response, string header) =>
        response.Headers.TryGetValues(header, out var values) ? string.Join(",", values) : null;
}
