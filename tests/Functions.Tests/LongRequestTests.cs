using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>An error stays short, however long the wrong text in the request is.</summary>
public sealed class LongRequestTests(LongRequestTests.Server server) : IClassFixture<LongRequestTests.Server>
{
    /// <summary>The maximum length of an error: the server's own words, and 200 characters of the caller's text.</summary>
    private const int MaxError = 800;

    private const string Long = "LONG";
    private const string Digits = "DIGITS";

    [Theory]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[DIGITS]}")]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[[1,DIGITS]]}")]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[tLONG]}")]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[\"LONG\"]}")]
    [InlineData("/models/dynamic_inner/predict", "{\"LONG\":1}")]
    [InlineData("/models/dynamic_inner/predict", "{\"inputs\":{\"LONG\":1}}")]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[1],\"parameters\":{\"LONG\":1}}")]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[1],\"parameters\":{\"top_k\":DIGITS}}")]
    [InlineData("/models/dynamic_inner/predict", "LONG")]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[1]}LONG")]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[1],\"x\":\"\\qLONG\"}")]
    [InlineData("/models/embedder/predict", "{\"text\":\"LONG LONG\"}")]
    [InlineData("/v2/models/dynamic_inner/infer", "{\"inputs\":[{\"name\":\"LONG\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":[1]}]}")]
    [InlineData("/v2/models/dynamic_inner/infer", "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"LONG\",\"data\":[1]}]}")]
    [InlineData("/v2/models/dynamic_inner/infer", "{\"inputs\":[{\"name\":\"x\",\"shape\":[DIGITS],\"datatype\":\"FP32\",\"data\":[1]}]}")]
    [InlineData(
        "/v2/models/dynamic_inner/infer", "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":[DIGITS]}]}")]
    [InlineData("/v2/models/dynamic_inner/infer",
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":[1]}],\"outputs\":[{\"name\":\"LONG\"}]}")]
    [InlineData("/v2/models/dynamic_inner/infer", "{\"inputs\":[],\"parameters\":{\"timeout\":DIGITS}}")]
    [InlineData("/v2/models/dynamic_inner/infer", "{\"inputs\":[],\"LONG\":tLONG}")]
    [InlineData("/v2/repository/models/dynamic_inner/load", "{\"parameters\":{\"file:LONG\":\"\"}}")]
    [InlineData("/v1/models/dynamic_inner:predict", "{\"signature_name\":\"LONG\",\"instances\":[[1]]}")]
    [InlineData("/v1/models/dynamic_inner:predict", "{\"inputs\":{\"LONG\":[[1]]}}")]
    [InlineData("/v1/models/dynamic_inner:predict", "{\"instances\":[{\"LONG\":[1]}]}")]
    [InlineData("/v1/models/dynamic_inner:predict", "{\"instances\":[[DIGITS]]}")]
    [InlineData("/v1/models/LONG:predict", "{\"instances\":[[1]]}")]
    [InlineData("/v1/embeddings", "{\"model\":\"LONG\",\"input\":\"a\"}")]
    [InlineData("/v1/embeddings", "{\"model\":\"embedder\",\"input\":\"a\",\"encoding_format\":\"LONG\"}")]
    [InlineData("/v1/embeddings", "{\"model\":\"embedder\",\"input\":[DIGITS]}")]
    [InlineData("/v1/embeddings", "{\"model\":\"embedder\",\"input\":\"a\",\"dimensions\":DIGITS}")]
    [InlineData("/models/LONG/predict", "{}")]
    [InlineData("/models/dynamic_inner/versions/LONG/predict", "{}")]
    [InlineData("/v2/models/dynamic_inner/versions/LONG/infer", "{}")]
    [InlineData("/jobs/LONG", null)]
    [InlineData("/models/LONG", null)]
    [InlineData("/v2/models/dynamic_inner/versions/LONG/stats", null)]
    [InlineData("/play/LONG", null)]
    [InlineData("/LONG", null)]
    public async Task Call_LongGarbage_IsAnsweredWithAShortError(string path, string? body)
    {
        // A request line may have only 8 KB, so the text in a path is shorter than the text in a body.
        path = path.Replace(Long, new string('x', 5000), StringComparison.Ordinal);
        body = body?.Replace(Long, new string('x', 300_000), StringComparison.Ordinal)
            .Replace(Digits, new string('9', 300_000), StringComparison.Ordinal);
        using var response = body is null
            ? await server.Process.Client.GetAsync(new Uri(path, UriKind.Relative))
            : await server.Process.PostAsync(path, body);

        await CheckAsync(response);
    }

    [Theory]
    [InlineData("Content-Type")]
    [InlineData("Content-Encoding")]
    [InlineData("Inference-Header-Content-Length")]
    [InlineData("Idempotency-Key")]
    [InlineData("X-Request-Key")]
    public async Task Call_LongHeader_IsAnsweredWithAShortError(string header)
    {
        foreach (var path in (string[])["/v2/models/unknown/infer", "/models/unknown/jobs"])
        {
            using var content = new ByteArrayContent("{}"u8.ToArray());
            var text = new string('x', 5000);
            content.Headers.TryAddWithoutValidation(header, header == "Content-Type" ? $"application/json; charset={text}" : text);
            using var response = await server.Process.Client.PostAsync(new Uri(path, UriKind.Relative), content);

            await CheckAsync(response);
        }
    }

    [Fact]
    public async Task GrpcCall_LongGarbage_IsAnsweredWithAShortError()
    {
        using var channel = GrpcChannel.ForAddress(await server.Process.GrpcAddress);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        // Messages other than infer requests may have at most 64 KiB.
        var text = new string('x', 60_000);
        var calls = (Func<Task>[])
        [
            () => InferAsync(request => request.ModelName = text),
            () => InferAsync(request => request.ModelVersion = text),
            () => InferAsync(request => request.Inputs[0].Name = text),
            () => InferAsync(request => request.Inputs[0].Datatype = text),
            () => InferAsync(request => request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = text })),
            () => InferAsync(request => request.Inputs[0].Parameters["shared_memory_" + text] = new InferParameter { Int64Param = 1 }),
            () => client.ModelReadyAsync(new ModelReadyRequest { Name = text }).ResponseAsync,
            () => client.ModelMetadataAsync(new ModelMetadataRequest { Name = "dynamic_inner", Version = text }).ResponseAsync,
            () => client.RepositoryModelLoadAsync(new RepositoryModelLoadRequest
            {
                ModelName = "dynamic_inner",
                Parameters = { ["file:" + text] = new ModelRepositoryParameter { BoolParam = true } },
            }).ResponseAsync,
        ];
        foreach (var call in calls)
        {
            var error = await Assert.ThrowsAsync<RpcException>(call);
            Assert.InRange(error.Status.Detail.Length, 1, MaxError);
            Assert.Contains(error.StatusCode, (StatusCode[])[StatusCode.InvalidArgument, StatusCode.NotFound]);
        }

        async Task InferAsync(Action<ModelInferRequest> spoil)
        {
            var request = new ModelInferRequest
            {
                ModelName = "dynamic_inner",
                Inputs =
                {
                    new ModelInferRequest.Types.InferInputTensor
                    {
                        Name = "x",
                        Datatype = "FP32",
                        Shape = { 1, 1 },
                        Contents = new() { Fp32Contents = { 1 } },
                    },
                },
            };
            spoil(request);
            await client.ModelInferAsync(request);
        }
    }

    private static async Task CheckAsync(HttpResponseMessage response)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(
            (int)response.StatusCode is >= 400 and < 500 or 501, $"{response.StatusCode} {text[..Math.Min(text.Length, MaxError)]}");
        Assert.True(text.Length is > 0 and <= MaxError, $"{text.Length} characters: {text[..Math.Min(text.Length, MaxError)]}");
    }

    public sealed class Server : IAsyncLifetime
    {
        private readonly ModelFolder _models = new();

        public FunctionsProcess Process { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            TestModels.CopyTo("dynamic_inner", _models.PathOf("dynamic_inner", "1"));
            TestModels.CopyTo("embedder", _models.PathOf("embedder", "1"));
            _models.Write(Encoding.UTF8.GetBytes("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n"), "embedder", "1", "vocab.txt");
            _models.Write("""{"text":{"tokenizer":"wordpiece","maxTokens":3}}""", "embedder", "model.json");
            Process = await _models.ServeAsync(("Grpc__Urls", "http://127.0.0.1:0"));
        }

        public async Task DisposeAsync()
        {
            await Process.DisposeAsync();
            _models.Dispose();
        }
    }
}
