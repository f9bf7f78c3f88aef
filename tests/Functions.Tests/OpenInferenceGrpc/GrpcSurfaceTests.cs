using System.Net;
using System.Text.Json;
using Functions.Tests.Telemetry;
using Grpc.Core;

namespace Functions.Tests.OpenInferenceGrpc;

/// <summary>
/// Tests a server with keys and gRPC. A request that is not a gRPC call gets an HTTP response, and a refused gRPC call gets a gRPC status.
/// </summary>
public sealed class GrpcSurfaceTests(GrpcSurfaceTests.SharedServer shared) : IClassFixture<GrpcSurfaceTests.SharedServer>
{
    private const string OpenAiError = "{\"error\":{\"message\":\"";

    [Theory]
    [InlineData("OPTIONS", "/health/live", 204, "GET HEAD OPTIONS")]
    [InlineData("OPTIONS", "/models/scalar", 204, "GET HEAD OPTIONS POST")]
    [InlineData("OPTIONS", "/v1/models", 204, "GET HEAD OPTIONS")]
    [InlineData("OPTIONS", "/v1/embeddings", 204, "OPTIONS POST")]
    [InlineData("OPTIONS", "/inference.GRPCInferenceService/ModelInfer", 204, "OPTIONS POST")]
    [InlineData("OPTIONS", "/grpc.health.v1.Health/Nothing", 404, "")]
    [InlineData("OPTIONS", "/two/segments", 404, "")]
    [InlineData("DELETE", "/health/live", 405, "GET HEAD OPTIONS")]
    [InlineData("POST", "/health/live", 405, "GET HEAD OPTIONS")]
    [InlineData("GET", "/v1/embeddings", 405, "OPTIONS POST")]
    [InlineData("POST", "/inference.GRPCInferenceService/ModelInfer", 401, "")]
    public async Task Http_MethodOfAPath_IsAnsweredAsWithoutGrpc(string method, string path, int status, string allow)
    {
        foreach (var isPreflight in (bool[])[false, true])
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path);
            if (isPreflight)
            {
                request.Headers.Add("Origin", "https://page.example");
                request.Headers.Add("Access-Control-Request-Method", "POST");
            }

            using var response = await shared.Server.Process.Client.SendAsync(request);

            Assert.Equal(status, (int)response.StatusCode);
            Assert.Equal(allow, string.Join(' ', response.Content.Headers.Allow.Order()));
            Assert.NotEqual("application/grpc", response.Content.Headers.ContentType?.MediaType);
        }
    }

    [Theory]
    [InlineData("/inference.GRPCInferenceService/ServerMetadata")]
    [InlineData("/inference.GRPCInferenceService/Nothing")]
    [InlineData("/nothing.Service/Nothing")]
    [InlineData("/health/live")]
    public async Task Call_IsRefused_HeadersEndTheStream(string path)
    {
        var address = await shared.Server.Process.GrpcAddress;

        Assert.True(await RawHttp2.HeadersEndStreamAsync(address, path));
    }

    [Theory]
    [InlineData("inference.GRPCInferenceService", "Nothing")]
    [InlineData("nothing.Service", "Nothing")]
    [InlineData("health", "live")]
    public async Task Call_UnknownMethod_IsUnimplementedWithACode(string service, string name)
    {
        var bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);
        var method = new Method<byte[], byte[]>(MethodType.Unary, service, name, bytes, bytes);

        var errors = await CountErrorsAsync();
        var error = await Assert.ThrowsAsync<RpcException>(
            async () => await shared.Server.Calls.AsyncUnaryCall(method, host: null, new CallOptions(), []));

        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
        Assert.Contains($"/{service}/{name}", error.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("routeNotFound", error.Trailers.GetValue("inference-error-code"));
        Assert.Equal(errors + 1, await CountErrorsAsync());
    }

    /// <summary>Clients of Node.js show the header as it is.</summary>
    [Theory]
    [InlineData(
        "/inference.GRPCInferenceService/ModelInfer",
        "Send a valid key in the metadata x-functions-key, or in the metadata authorization as Bearer <key>.")]
    [InlineData("/nothing.Service/50%25", "There is no gRPC method at /nothing.Service/50%25.")]
    public async Task Call_IsRefused_TextIsReadableWithoutDecoding(string path, string expected)
    {
        using var client = new HttpClient { BaseAddress = await shared.Server.Process.GrpcAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(new byte[5]) { Headers = { ContentType = new("application/grpc") } },
        };

        using var response = await client.SendAsync(request);

        Assert.Equal(expected, response.Headers.GetValues("grpc-message").Single());
    }

    /// <summary>The first byte of a message's frame is the flag of compression. The message of ServerMetadata is empty.</summary>
    [Theory]
    [InlineData("0S", "", 0, StatusCode.DeadlineExceeded, "deadlineExceeded")]
    [InlineData("1n", "", 0, StatusCode.DeadlineExceeded, "deadlineExceeded")]
    [InlineData("99n", "", 0, StatusCode.DeadlineExceeded, "deadlineExceeded")]
    [InlineData("10S", "", 0, StatusCode.OK, null)]
    [InlineData(null, "gzip", 1, StatusCode.Internal, "invalidRequest")]
    [InlineData(null, "deflate", 1, StatusCode.Internal, "invalidRequest")]
    [InlineData(null, "gzip", 2, StatusCode.Internal, "invalidRequest")]
    public async Task Call_OfAClientWithDefects_HasAStatusOfTheProtocol(
        string? timeout, string encoding, byte flag, StatusCode expected, string? code)
    {
        var errors = await CountErrorsAsync();
        using var client = new HttpClient { BaseAddress = await shared.Server.Process.GrpcAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/inference.GRPCInferenceService/ServerMetadata")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(flag == 0 ? [0, 0, 0, 0, 0] : [flag, 0, 0, 0, 3, .. "bad"u8])
            {
                Headers = { ContentType = new("application/grpc") },
            },
        };
        request.Headers.Add("x-functions-key", "f");
        request.Headers.Add("TE", "trailers");
        if (timeout is not null)
            request.Headers.Add("grpc-timeout", timeout);
        if (encoding.Length > 0)
            request.Headers.Add("grpc-encoding", encoding);

        using var response = await client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();

        var headers = response.Headers.Concat(response.TrailingHeaders).ToLookup(header => header.Key, header => header.Value.Single());
        Assert.Equal(((int)expected).ToString(System.Globalization.CultureInfo.InvariantCulture), headers["grpc-status"].Single());
        Assert.Equal(code, headers["inference-error-code"].SingleOrDefault());
        Assert.Equal(code is null ? 0 : 1, await CountErrorsAsync() - errors);
        Assert.DoesNotContain("fail:", shared.Server.Process.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/v1/embeddings", null, 401)]
    [InlineData("POST", "/v1/embeddings", "Bearer wrong", 401)]
    [InlineData("GET", "/v1/models", null, 401)]
    [InlineData("GET", "/v1/models/", "Bearer wrong", 401)]
    [InlineData("GET", "/v1/models/scalar", "Bearer wrong", 401)]
    [InlineData("GET", "/v1/embeddings", "Bearer f", 405)]
    [InlineData("DELETE", "/v1/models/scalar", "Bearer f", 405)]
    public async Task OpenAi_WorkerRefuses_ErrorHasOpenAisForm(string method, string path, string? authorization, int status)
    {
        var (response, body) = await SendAsync(method, path, authorization);

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.StartsWith(OpenAiError, body, StringComparison.Ordinal);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(status == 401 ? "unauthorized" : "methodNotAllowed", response.Headers.GetValues("Inference-Error-Code").Single());
        Assert.Equal(status == 401, response.Headers.WwwAuthenticate.Count > 0);
    }

    [Theory]
    [InlineData("GET", "/v1/models/scalar", null, 401, "unauthorized")]
    [InlineData("POST", "/v1/models/scalar:predict", "Bearer wrong", 401, "unauthorized")]
    [InlineData("GET", "/v1/models/scalar/metadata", "Bearer wrong", 401, "unauthorized")]
    [InlineData("GET", "/v2/", "Bearer wrong", 401, "unauthorized")]
    [InlineData("GET", "/v2/models/scalar", "Bearer wrong", 401, "unauthorized")]
    [InlineData("PUT", "/v2/models/scalar/infer", "Bearer f", 405, "methodNotAllowed")]
    [InlineData("PUT", "/v1/models/scalar:predict", "Bearer f", 405, "methodNotAllowed")]
    [InlineData("GET", "/v2/nothing", "Bearer f", 404, "routeNotFound")]
    public async Task OtherProtocols_WorkerRefuses_ErrorIsOnlyText(
        string method, string path, string? authorization, int status, string code)
    {
        var (response, body) = await SendAsync(method, path, authorization);

        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(code, response.Headers.GetValues("Inference-Error-Code").Single());
        var member = Assert.Single(JsonElement.Parse(body).EnumerateObject());
        Assert.Equal(("error", JsonValueKind.String), (member.Name, member.Value.ValueKind));
    }

    private async Task<double> CountErrorsAsync() =>
        new Scrape(await shared.Server.Process.Client.GetStringAsync("/metrics?code=f")).Sum("inference_errors_total");

    private async Task<(HttpResponseMessage Response, string Body)> SendAsync(string method, string path, string? authorization)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        var response = await shared.Server.Process.Client.SendAsync(request);
        return (response, await response.Content.ReadAsStringAsync());
    }

    /// <summary>The server of all tests.</summary>
    public sealed class SharedServer : IAsyncLifetime
    {
        public GrpcServer Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await GrpcServer.StartAsync([("Keys__Function", "f")], "scalar");

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
