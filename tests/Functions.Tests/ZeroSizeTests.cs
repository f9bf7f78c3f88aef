using System.Text.Json;
using Functions.Tests.Conformance;
using Functions.Tests.OpenInferenceGrpc;
using Grpc.Net.Client;
using Inference.Onnx.Sweep;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>Tests tensors with a dimension of size 0, and tensors without a declared shape, over HTTP and gRPC.</summary>
public sealed class ZeroSizeTests(ZeroSizeTests.Server server) : IClassFixture<ZeroSizeTests.Server>
{
    private const int Float = 1;

    private static readonly string Eight = string.Join(',', Enumerable.Range(1, 8));

    [Fact]
    public async Task Predict_AnEmptyCache_IsAccepted()
    {
        var response = await server.Process.PostJsonAsync(
            "/models/cache/predict", """{"inputs":{"past":[[[],[]]],"next":[[[[1,2,3,4]],[[5,6,7,8]]]]}}""");
        var ofOneItem = await server.Process.PostJsonAsync(
            "/models/cache/predict", """{"inputs":{"past":[[],[]],"next":[[[1,2,3,4]],[[5,6,7,8]]]}}""");

        Assert.Equal("[[[[1,2,3,4]],[[5,6,7,8]]]]", Compact(response.GetProperty("predictions")));
        Assert.Equal("[[[[1,2,3,4]],[[5,6,7,8]]]]", Compact(ofOneItem.GetProperty("predictions")));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[[[],[]]]")]
    public async Task Infer_AnEmptyCache_IsAccepted(string data)
    {
        var response = await server.Process.PostJsonAsync("/v2/models/cache/infer", $$"""
            {"inputs":[{"name":"past","datatype":"FP32","shape":[1,2,0,4],"data":{{data}}},{"name":"next","datatype":"FP32","shape":[1,2,1,4],"data":[{{Eight}}]}]}
            """);

        Assert.Equal(
            $$"""{"name":"keys","datatype":"FP32","shape":[1,2,1,4],"data":[{{Eight}}]}""", Compact(response.GetProperty("outputs")[0]));
    }

    [Fact]
    public async Task Predict_AnEmptyCacheForTensorFlowServing_IsAccepted()
    {
        var columns = await server.Process.PostJsonAsync(
            "/v1/models/cache:predict", """{"inputs":{"past":[[[],[]]],"next":[[[[1,2,3,4]],[[5,6,7,8]]]]}}""");
        var rows = await server.Process.PostJsonAsync(
            "/v1/models/cache:predict", """{"instances":[{"past":[[],[]],"next":[[[1,2,3,4]],[[5,6,7,8]]]}]}""");

        Assert.Equal("[[[[1.0,2.0,3.0,4.0]],[[5.0,6.0,7.0,8.0]]]]", Compact(columns.GetProperty("outputs")));
        Assert.Equal("[[[[1.0,2.0,3.0,4.0]],[[5.0,6.0,7.0,8.0]]]]", Compact(rows.GetProperty("predictions")));
    }

    [Theory]
    [InlineData("/models/negated/predict", """{"features":[[[],[]]]}""", "predictions", "[[[],[]]]")]
    [InlineData("/models/negated/predict", """{"features":[[],[]]}""", "predictions", "[[[],[]]]")]
    [InlineData("/v1/models/negated:predict", """{"inputs":[[[],[]]]}""", "outputs", "[[[],[]]]")]
    [InlineData("/v1/models/negated:predict", """{"instances":[[[],[]]]}""", "predictions", "[[[],[]]]")]
    public async Task Predict_AnOutputWithoutElements_IsWrittenInItsShape(string path, string body, string member, string expected) =>
        Assert.Equal(expected, Compact((await server.Process.PostJsonAsync(path, body)).GetProperty(member)));

    [Theory]
    [InlineData("[1,2,0]")]
    [InlineData("[3,0,5]")]
    public async Task Infer_AnOutputWithoutElements_HasItsShape(string shape)
    {
        var response = await server.Process.PostJsonAsync(
            "/v2/models/negated/infer", $$"""{"inputs":[{"name":"x","datatype":"FP32","shape":{{shape}},"data":[]}]}""");

        Assert.Equal($$"""{"name":"y","datatype":"FP32","shape":{{shape}},"data":[]}""", Compact(response.GetProperty("outputs")[0]));
        var (outputs, error) = await BinaryInference.SendAsync(
            server.Process.Client, "negated", [("x", new TestTensor(Float, JsonSerializer.Deserialize<long[]>(shape)!, []))]);
        Assert.Equal("", error);
        Assert.Equal(shape, Compact(JsonSerializer.SerializeToElement(outputs!.Single().Shape)));
    }

    [Fact]
    public async Task Infer_AnOperatorThatWouldEndTheProcess_IsNamedIn400()
    {
        var (outputs, error) =
            await BinaryInference.SendAsync(server.Process.Client, "recurrent", [("x", new TestTensor(Float, [4, 0, 3], []))]);

        Assert.Null(outputs);
        Assert.StartsWith("400", error, StringComparison.Ordinal);
        Assert.Contains("The operator LSTM that computes", error, StringComparison.Ordinal);
        Assert.Contains("is not known to support this. Send sizes from 1.", error, StringComparison.Ordinal);
    }

    /// <summary>ONNX Runtime does not write the output of such a product, which would show the memory of other requests.</summary>
    [Fact]
    public async Task Infer_AProductOfIntegersOverNothing_IsRefused()
    {
        var (outputs, error) =
            await BinaryInference.SendAsync(server.Process.Client, "product", [("x", new TestTensor(Float, [3, 0], []))]);

        Assert.Null(outputs);
        Assert.StartsWith("400", error, StringComparison.Ordinal);
        Assert.Contains("The product of integers MatMulInteger that computes", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Infer_NoItems_AreRefused()
    {
        var (_, error) = await BinaryInference.SendAsync(server.Process.Client, "negated", [("x", new TestTensor(Float, [0, 2, 3], []))]);

        Assert.Contains("has no items; send at least one.", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", "[-1]")]
    [InlineData("[1]", "[-1]")]
    [InlineData("[1,2]", "[-1,-2]")]
    [InlineData("[[1],[2]]", "[[-1],[-2]]")]
    public async Task Predict_AModelWithoutShapes_TakesAny(string features, string expected) =>
        Assert.Equal(expected,
            Compact((await server.Process.PostJsonAsync("/models/unranked/predict", $$"""{"features":{{features}}}"""))
                .GetProperty("predictions")));

    [Theory]
    [InlineData("[]", "[1]")]
    [InlineData("[2]", "[1,2]")]
    [InlineData("[1,2,1]", "[1,2]")]
    [InlineData("[2,0]", "[]")]
    public async Task Infer_AModelWithoutShapes_TakesAny(string shape, string data)
    {
        var response = await server.Process.PostJsonAsync(
            "/v2/models/unranked/infer", $$"""{"inputs":[{"name":"x","datatype":"FP32","shape":{{shape}},"data":{{data}}}]}""");

        Assert.Equal(shape, Compact(response.GetProperty("outputs")[0].GetProperty("shape")));
    }

    [Fact]
    public async Task Get_AModelWithoutShapes_SaysSoInEachProtocol()
    {
        Assert.Equal(
            """[{"name":"x","datatype":"FP32","shape":[-1],"anyShape":true}]""",
            Compact((await server.Process.GetAsync("/models/unranked")).GetProperty("inputs")));
        Assert.Equal(
            """[{"name":"x","datatype":"FP32","shape":[-1]}]""",
            Compact((await server.Process.GetAsync("/v2/models/unranked")).GetProperty("inputs")));
        Assert.Equal(
            "[-1]", Compact((await server.Process.GetAsync("/v2/models/unranked/config")).GetProperty("input")[0].GetProperty("dims")));
        Assert.Contains(
            "\"unknown_rank\":true", Compact(await server.Process.GetAsync("/v1/models/unranked/metadata")), StringComparison.Ordinal);
        Assert.Contains("FP32 of any shape", Compact(await server.Process.GetAsync("/openapi.json")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ModelInfer_AnOutputWithoutElements_HasItsShape(bool raw)
    {
        using var channel = GrpcChannel.ForAddress(await server.Process.GrpcAddress);
        var request = GrpcServer.Raw("negated", "x", "FP32", [3, 0, 5], []);
        if (!raw)
            request.RawInputContents.Clear();
        var response = await new GRPCInferenceService.GRPCInferenceServiceClient(channel).ModelInferAsync(request);
        var metadata = await new GRPCInferenceService.GRPCInferenceServiceClient(channel)
            .ModelMetadataAsync(new ModelMetadataRequest { Name = "unranked" });

        Assert.Equal([3, 0, 5], response.Outputs.Single().Shape);
        Assert.Equal(0, response.RawOutputContents.Single().Length);
        Assert.Equal([-1], metadata.Inputs.Single().Shape);
    }

    private static string Compact(JsonElement value) => JsonSerializer.Serialize(value);

    public sealed class Server : IAsyncLifetime
    {
        private readonly ModelFolder _folder = new();

        public FunctionsProcess Process { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            _folder.Write(GeneratedModels.Cache(), "cache", "1", "model.onnx");
            _folder.Write(GeneratedModels.Negated(), "negated", "1", "model.onnx");
            _folder.Write(
                OnnxText.Compile(
                    "in x f32[b,n]; q = Cast(x) to=2; t = Transpose(q) perm=[1,0]; y = MatMulInteger(q, t); out y i32[b,b]"),
                "product", "1", "model.onnx");
            _folder.Write(GeneratedModels.Recurrent(), "recurrent", "1", "model.onnx");
            _folder.Write(GeneratedModels.Unranked(), "unranked", "1", "model.onnx");
            Process = await _folder.ServeAsync(("Grpc__Urls", "http://127.0.0.1:0"));
        }

        public async Task DisposeAsync()
        {
            await Process.DisposeAsync();
            _folder.Dispose();
        }
    }
}
