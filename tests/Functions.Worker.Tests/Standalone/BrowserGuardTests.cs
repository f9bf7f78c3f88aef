using System.Net;
using System.Net.Sockets;
using System.Text;
using Functions.Worker.Tests.Support;
using Inference.Testing;

namespace Functions.Worker.Tests.Standalone;

/// <summary>Requests that a web page can make a browser send to a server on the same machine without keys.</summary>
public sealed class BrowserGuardTests(BrowserGuardTests.Server server) : IClassFixture<BrowserGuardTests.Server>
{
    private const string Evil = "https://evil.example";

    [Theory]
    [InlineData("localhost")]
    [InlineData("LOCALHOST:1")]
    [InlineData("localhost.:7071")]
    [InlineData("127.0.0.1:7071")]
    [InlineData("127.9.9.9")]
    [InlineData("[::1]:7071")]
    [InlineData("[0:0:0:0:0:0:0:1]")]
    [InlineData("[::ffff:127.0.0.1]:7071")]
    public async Task Get_HostOfThisMachine_IsAnswered(string host) =>
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync("GET", ("Host", host)));

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:7071")]
    [InlineData("localhost.evil.example")]
    [InlineData("evil.localhost")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("127.0.0.1.")]
    [InlineData("127.1")]
    [InlineData("2130706433")]
    [InlineData("0.0.0.0:7071")]
    [InlineData("10.0.0.4")]
    [InlineData("[::ffff:10.0.0.4]")]
    public async Task Get_HostOfAnotherMachine_IsMisdirected(string host) =>
        Assert.Equal(HttpStatusCode.MisdirectedRequest, await StatusOfAsync("GET", ("Host", host)));

    [Fact]
    public async Task Get_ForeignHost_ExplainsTheFix()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/ping") { Headers = { Host = "models.example.org" } };

        var detail = await ProblemAssert.IsProblemAsync(HttpStatusCode.MisdirectedRequest, await server.Client.SendAsync(request));

        Assert.Contains("\"models.example.org\"", detail, StringComparison.Ordinal);
        Assert.Contains("Keys__Function", detail, StringComparison.Ordinal);
        Assert.Contains("--allow-anonymous", detail, StringComparison.Ordinal);
    }

    /// <summary>Requests without a clear host: the target and the header differ, or the header is missing, repeated or malformed.</summary>
    [Theory]
    [InlineData("GET http://evil.example/api/ping HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET http://localhost/api/ping HTTP/1.1\r\nHost: evil.example\r\n\r\n")]
    [InlineData("GET http://evil.example/api/ping HTTP/1.1\r\nHost: evil.example\r\n\r\n")]
    [InlineData("GET /api/ping HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")]
    [InlineData("GET /api/ping HTTP/1.1\r\n\r\n")]
    [InlineData("GET /api/ping HTTP/1.1\r\nHost: \r\n\r\n")]
    [InlineData("GET /api/ping HTTP/1.1\r\nHost: [::]:7071\r\n\r\n")]
    [InlineData("GET /api/ping HTTP/1.1\r\nHost: localhost..\r\n\r\n")]
    [InlineData("GET /api/ping HTTP/1.0\r\n\r\n")]
    [InlineData("GET /api/ping HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n")]
    [InlineData("GET /api/ping HTTP/1.1\r\nHost: localhost:80@evil.example\r\n\r\n")]
    [InlineData("OPTIONS * HTTP/1.1\r\nHost: evil.example\r\n\r\n")]
    public async Task Send_HostIsUnclear_IsRefused(string request) =>
        Assert.Matches("^HTTP/1.1 4(00|21) ", await server.SendRawAsync(request));

    [Theory]
    [InlineData("Origin", Evil)]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    [InlineData("Origin", "https://localhost:7071")]
    [InlineData("Origin", "http://localhost:3000")]
    [InlineData("Origin", "http://localhost")]
    [InlineData("Origin", "http://localhost:7071.evil.example")]
    [InlineData("Origin", "http://localhost:7071@evil.example")]
    [InlineData("Origin", "http://localhost:7071, https://evil.example")]
    [InlineData("Origin", "localhost:7071")]
    [InlineData("Origin", "")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Sec-Fetch-Site", "Cross-Site")]
    [InlineData("Sec-Fetch-Site", "same-origin, cross-site")]
    public async Task Post_FromAnotherOrigin_IsForbidden(string header, string value)
    {
        foreach (var method in new[] { "POST", "PUT", "DELETE", "PATCH", "post", "UNKNOWN" })
            Assert.Equal(HttpStatusCode.Forbidden, await StatusOfAsync(method, ("Host", "localhost:7071"), (header, value)));
    }

    [Theory]
    [InlineData("localhost:7071", "Origin", "http://localhost:7071")]
    [InlineData("LocalHost:7071", "Origin", "http://localhost:7071")]
    [InlineData("127.0.0.1:7071", "Origin", "http://127.0.0.1:7071")]
    [InlineData("[::1]:7071", "Origin", "http://[::1]:7071")]
    [InlineData("localhost", "Origin", "http://localhost")]
    [InlineData("localhost:80", "Origin", "http://localhost")]
    [InlineData("localhost:7071", "Sec-Fetch-Site", "same-origin")]
    [InlineData("localhost:7071", "Sec-Fetch-Site", "none")]
    [InlineData("localhost:7071", "User-Agent", "curl")]
    public async Task Post_FromItsOwnPageOrAProgram_IsAnswered(string host, string header, string value) =>
        Assert.Equal(HttpStatusCode.OK, await StatusOfAsync("POST", ("Host", host), (header, value)));

    [Fact]
    public async Task Post_ForeignOrigin_ExplainsTheFix()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/any") { Headers = { { "Origin", Evil } } };

        var detail = await ProblemAssert.IsProblemAsync(HttpStatusCode.Forbidden, await server.Client.SendAsync(request));

        Assert.Contains($"\"{Evil}\"", detail, StringComparison.Ordinal);
        Assert.Contains("Http__Cors__Origins", detail, StringComparison.Ordinal);
    }

    /// <summary>
    /// Some GET requests load a model. Pages of other sites may link to them, but may not embed them or read them with a script.
    /// </summary>
    [Theory]
    [InlineData("cross-site", "document", true)]
    [InlineData("cross-site", null, true)]
    [InlineData("same-origin", "empty", true)]
    [InlineData("none", "document", true)]
    [InlineData("cross-site", "image", false)]
    [InlineData("cross-site", "script", false)]
    [InlineData("cross-site", "empty", false)]
    [InlineData("cross-site", "iframe", false)]
    [InlineData("same-site", "image", false)]
    public async Task Get_FromAnotherSite_IsAnsweredForLinksOnly(string site, string? destination, bool isIn) => Assert.Equal(
        isIn ? HttpStatusCode.OK : HttpStatusCode.Forbidden,
        await StatusOfAsync("GET", ("Host", "localhost"), ("Sec-Fetch-Site", site), ("Sec-Fetch-Dest", destination)));

    [Theory]
    [InlineData("GET")]
    [InlineData("HEAD")]
    [InlineData("OPTIONS")]
    public async Task Send_SafeMethodWithForeignOrigin_IsAnsweredWithoutLeave(string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/any") { Headers = { { "Origin", Evil } } };

        var response = await server.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.DoesNotContain(response.Headers, header => header.Key.StartsWith("Access-Control-", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("--Keys:Function=key")]
    [InlineData("--Keys:Admin=key")]
    public async Task Post_KeysAreSet_HostAndOriginAreTheProxys(string argument)
    {
        await using var app = await TestApp.StartAsync(argument);
        using var request =
            new HttpRequestMessage(HttpMethod.Post, "/api/echo") { Headers = { { "Host", "models.example.org" }, { "Origin", Evil } } };

        Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(request)).StatusCode);
    }

    /// <summary>
    /// A proxy may have terminated TLS, and may send the host in X-Forwarded-Host. A page cannot send that header without a preflight.
    /// </summary>
    [Theory]
    [InlineData(null, null, true)]
    [InlineData("https://models.example.org", null, true)]
    [InlineData("https://public.example.org:8443", "public.example.org:8443", true)]
    [InlineData(Evil, null, false)]
    [InlineData(Evil, "public.example.org", false)]
    [InlineData("null", null, false)]
    public async Task Post_EveryoneIsLetIn_TakesEveryHostButNoForeignPage(string? origin, string? forwardedHost, bool isIn)
    {
        await using var app = await TestApp.StartAsync("--allow-anonymous");

        var status = await StatusOfAsync(
            app.Client, "POST", ("Host", "models.example.org"), ("Origin", origin), ("X-Forwarded-Host", forwardedHost));

        Assert.Equal(isIn ? HttpStatusCode.OK : HttpStatusCode.Forbidden, status);
    }

    private Task<HttpStatusCode> StatusOfAsync(string method, params (string Name, string? Value)[] headers) =>
        StatusOfAsync(server.Client, method, headers);

    private static async Task<HttpStatusCode> StatusOfAsync(HttpClient client, string method, params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/any");
        foreach (var (name, value) in headers)
        {
            if (value is not null)
                request.Headers.TryAddWithoutValidation(name, value);
        }

        return (await client.SendAsync(request)).StatusCode;
    }

    /// <summary>The server of all tests, on a loopback address and without keys.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private TestApp? _app;

        public HttpClient Client => _app!.Client;

        public async Task InitializeAsync() => _app = await TestApp.StartAsync();

        public async Task DisposeAsync() => await _app!.DisposeAsync();

        /// <returns>The first line of the response.</returns>
        public async Task<string?> SendRawAsync(string request)
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", Client.BaseAddress!.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            return await reader.ReadLineAsync().WaitAsync(WaitLimit.Step);
        }
    }
}
