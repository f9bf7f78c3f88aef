using System.Net;
using System.Net.Sockets;
using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>
/// Tests the server on loopback without keys, which a browser on the same machine can reach: its addresses, its accepted callers, and the
/// header that every response must have.
/// </summary>
public sealed class LoopbackServerTests(LoopbackServerTests.Server server) : IClassFixture<LoopbackServerTests.Server>
{
    private static readonly string[] NoSniff = ["nosniff"];

    /// <summary>A former version with gRPC listened only on the ports in these settings, and on all interfaces.</summary>
    [Fact]
    public void Start_EnvironmentPrefersOtherAddresses_ListensOnItsOwn() => Assert.All(
        server.App.Output.Split('\n').Where(line => line.Contains("Now listening on", StringComparison.Ordinal)),
        line => Assert.Contains("http://127.0.0.1:", line, StringComparison.Ordinal));

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/play")]
    [InlineData("GET", "/play/app.js")]
    [InlineData("GET", "/play/nothing.js")]
    [InlineData("GET", "/nothing")]
    [InlineData("DELETE", "/models")]
    [InlineData("GET", "/models")]
    [InlineData("GET", "/models/nothing")]
    [InlineData("GET", "/v2/models/nothing")]
    [InlineData("GET", "/v1/models/nothing")]
    [InlineData("GET", "/health/live")]
    [InlineData("GET", "/metrics")]
    [InlineData("GET", "/status")]
    [InlineData("GET", "/openapi.json")]
    [InlineData("POST", "/models/iris/predict")]
    [InlineData("POST", "/v2/repository/index")]
    [InlineData("OPTIONS", "/models")]
    public async Task Send_Anything_AnswerIsNotToBeSniffed(string method, string path)
    {
        using var response = await server.App.Client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal(NoSniff, response.Headers.GetValues("X-Content-Type-Options"));
    }

    /// <summary>Kestrel refuses these requests before the app runs, or while the app runs.</summary>
    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("nonsense\r\n\r\n")]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nName without colon\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")]
    [InlineData("POST /models/iris/predict HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 104857601\r\n\r\n")]
    [InlineData("POST /models/iris/predict HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n\r\n")]
    public async Task Send_MalformedRequest_AnswerIsNotToBeSniffed(string request)
    {
        var address = server.App.Client.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        using var limit = new CancellationTokenSource(WaitLimit.Step);
        // Only the head is read: the connection ends later, because the server first waits for the rest of the request.
        var head = new List<string>();
        while (await reader.ReadLineAsync(limit.Token) is { Length: > 0 } line)
            head.Add(line);

        Assert.Matches("^HTTP/1.1 [45]", head[0]);
        Assert.Contains("X-Content-Type-Options: nosniff", head);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/status")]
    [InlineData("/metrics")]
    [InlineData("/health/live")]
    public async Task Get_ForeignHost_IsMisdirected(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = "evil.example" } };

        using var response = await server.App.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, response.StatusCode);
        Assert.Equal(NoSniff, response.Headers.GetValues("X-Content-Type-Options"));
    }

    [Fact]
    public async Task Post_FormOfAForeignPage_UnloadsNothing()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/repository/models/iris/unload")
        {
            Content = new FormUrlEncodedContent([]),
            Headers = { { "Origin", "https://evil.example" } },
        };

        using var response = await server.App.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
    }

    [Fact]
    public async Task Post_OwnPage_IsAnswered()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/models/iris/predict")
        {
            Content = new StringContent("""{"features":[5.1,3.5,1.4,0.2]}""", Encoding.UTF8, "application/json"),
            Headers = { { "Origin", $"http://{server.App.Client.BaseAddress!.Authority}" }, { "Sec-Fetch-Site", "same-origin" } },
        };

        using var response = await server.App.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData(null, null, StatusCode.OK)]
    [InlineData("localhost", null, StatusCode.OK)]
    [InlineData("evil.example", null, StatusCode.PermissionDenied)]
    [InlineData(null, "https://evil.example", StatusCode.PermissionDenied)]
    public async Task Call_Grpc_IsAnsweredForLoopbackNames(string? authority, string? origin, StatusCode expected)
    {
        using var channel = GrpcChannel.ForAddress(await server.App.GrpcAddress);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        var headers = new Metadata();
        if (authority is not null)
            headers.Add("Host", authority);
        if (origin is not null)
            headers.Add("Origin", origin);
        using var call = client.ServerLiveAsync(new ServerLiveRequest(), headers);

        var status = StatusCode.OK;
        try
        {
            await call;
        }
        catch (RpcException e)
        {
            status = e.StatusCode;
        }

        Assert.Equal(expected, status);
        Assert.DoesNotContain(await call.ResponseHeadersAsync, header => header.Key == "x-content-type-options");
    }

    /// <summary>One server for all tests.</summary>
    public sealed class Server : IAsyncLifetime
    {
        public FunctionsProcess App { get; private set; } = null!;

        public async Task InitializeAsync() => App = await FunctionsProcess.StartAsync(
            ("PREFERHOSTINGURLS", "true"), ("HTTP_PORTS", "0"), ("Grpc__Urls", "http://127.0.0.1:0"));

        public async Task DisposeAsync() => await App.DisposeAsync();
    }
}
