using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using Inference.Protocols.OpenInference.Grpc.Messages;

namespace Functions.Tests.OpenInferenceGrpc;

/// <summary>Tests gRPC's metadata, health, reflection, keys and deadlines, and callers that disconnect.</summary>
public sealed class GrpcServiceTests
{
    [Fact]
    public async Task Metadata_OfServerAndModel_IsThatOfHttp()
    {
        await using var server = await GrpcServer.StartAsync("two_in_two_out");

        var described = await server.Client.ServerMetadataAsync(new ServerMetadataRequest());
        var http = await server.Process.GetAsync("/v2");
        var model = await server.Client.ModelMetadataAsync(new ModelMetadataRequest { Name = "two_in_two_out" });

        Assert.Equal(http.GetProperty("name").GetString(), described.Name);
        Assert.Equal(http.GetProperty("extensions").EnumerateArray().Select(name => name.GetString()), described.Extensions);
        Assert.Equal(("two_in_two_out", "1", "onnx_onnxv1"), (model.Name, model.Versions.Single(), model.Platform));
        Assert.Equal(["a FP32 -1,3", "b FP32 -1,3"], model.Inputs.Select(Text));
        Assert.Equal(["sum FP32 -1,3", "product FP32 -1,3"], model.Outputs.Select(Text));
        Assert.True((await server.Client.ServerLiveAsync(new ServerLiveRequest())).Live);
        Assert.True((await server.Client.ModelReadyAsync(new ModelReadyRequest { Name = "two_in_two_out", Version = "1" })).Ready);

        static string Text(ModelMetadataResponse.Types.TensorMetadata tensor) =>
            $"{tensor.Name} {tensor.Datatype} {string.Join(',', tensor.Shape)}";
    }

    [Fact]
    public async Task ModelStreamInfer_SeveralRequests_AreAnsweredInOrderAndOutliveAFailure()
    {
        await using var server = await GrpcServer.StartAsync("identity_float");
        using var stream = server.Client.ModelStreamInfer();
        foreach (var (model, id) in ((string, string)[])[("identity_float", "1"), ("other", "2"), ("identity_float", "3")])
        {
            var request = GrpcServer.Raw(model, "x", "FP32", [1], [1, 2, 3, 4]);
            request.Id = id;
            await stream.RequestStream.WriteAsync(request);
        }

        await stream.RequestStream.CompleteAsync();
        var responses = new List<ModelStreamInferResponse>();
        while (await stream.ResponseStream.MoveNext(default))
            responses.Add(stream.ResponseStream.Current);

        Assert.Equal(["1", "2", "3"], responses.Select(response => response.InferResponse.Id));
        Assert.Equal([1, 2, 3, 4], responses[2].InferResponse.RawOutputContents.Single().ToByteArray());
        Assert.Contains("There is no model other", responses[1].ErrorMessage, StringComparison.Ordinal);
        Assert.Empty(responses[0].ErrorMessage + responses[2].ErrorMessage);
    }

    [Fact]
    public async Task StatisticsAndConfig_OfAModel_AreReported()
    {
        await using var server = await GrpcServer.StartAsync("two_in_two_out", "scalar");
        await server.Client.ModelInferAsync(new ModelInferRequest
        {
            ModelName = "scalar",
            Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "FP32",
                Contents = new() { Fp32Contents = { 1 } } } },
        });

        var statistics =
            (await server.Client.ModelStatisticsAsync(new ModelStatisticsRequest { Name = "scalar", Version = "1" })).ModelStats.Single();
        var all = await server.Client.ModelStatisticsAsync(new ModelStatisticsRequest());
        var config = (await server.Client.ModelConfigAsync(new ModelConfigRequest { Name = "two_in_two_out" })).Config;

        Assert.Equal((1UL, 1UL, 1UL), (statistics.InferenceCount, statistics.ExecutionCount, statistics.InferenceStats.Success.Count));
        Assert.Equal(["scalar"], all.ModelStats.Select(model => model.Name));
        Assert.Equal(("two_in_two_out", DataType.TypeFp32), (config.Name, config.Input[0].DataType));
        Assert.Equal(0, config.MaxBatchSize);
        Assert.Equal([-1L, 3L], config.Input[0].Dims);
    }

    [Fact]
    public async Task Repository_IndexLoadUnload_ChangeTheState()
    {
        await using var server = await GrpcServer.StartAsync([("Keys__Function", "f"), ("Keys__Admin", "a")], "scalar");
        var admin = new Metadata { { "x-functions-key", "a" } };

        await server.Client.RepositoryModelLoadAsync(new RepositoryModelLoadRequest { ModelName = "scalar" }, admin);
        var loaded = await server.Client.RepositoryIndexAsync(new RepositoryIndexRequest { Ready = true }, admin);
        await server.Client.RepositoryModelUnloadAsync(new RepositoryModelUnloadRequest { ModelName = "scalar" }, admin);
        var unloaded = await server.Client.RepositoryIndexAsync(new RepositoryIndexRequest(), admin);

        Assert.Equal(("scalar", "1", "READY"), (loaded.Models.Single().Name, loaded.Models[0].Version, loaded.Models[0].State));
        Assert.Equal("UNAVAILABLE", unloaded.Models.Single().State);
        Assert.Empty((await server.Client.RepositoryIndexAsync(new RepositoryIndexRequest { Ready = true }, admin)).Models);
    }

    [Fact]
    public async Task RepositoryModelLoad_NewSettingsAreWrong_IsInvalidArgumentAndTheOldOnesHold()
    {
        await using var server = await GrpcServer.StartAsync("scalar");
        var load = new RepositoryModelLoadRequest { ModelName = "scalar" };
        await server.Client.RepositoryModelLoadAsync(load);
        await File.WriteAllTextAsync(server.PathOf("scalar", "model.json"), """{"vershions":{}}""");

        var refused = await Assert.ThrowsAsync<RpcException>(async () => await server.Client.RepositoryModelLoadAsync(load));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("vershions", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("invalidRequest", refused.Trailers.GetValue("inference-error-code"));
        Assert.Equal("READY", (await server.Client.RepositoryIndexAsync(new RepositoryIndexRequest())).Models.Single().State);
    }

    [Fact]
    public async Task Keys_GuardEverythingButTheProbes()
    {
        await using var server = await GrpcServer.StartAsync([("Keys__Function", "f"), ("Keys__Admin", "a")], "scalar");

        var health = new Health.HealthClient(server.Calls);
        // The server is ready after its first listing of the models, soon after it listens.
        await server.Process.WaitUntilAsync(async () =>
            (await health.CheckAsync(new HealthCheckRequest())).Status == HealthCheckResponse.Types.ServingStatus.Serving);
        Assert.True((await server.Client.ServerReadyAsync(new ServerReadyRequest())).Ready);
        await RefusedAsync(headers => server.Client.ModelInferAsync(new ModelInferRequest { ModelName = "scalar" }, headers), "x");
        await RefusedAsync(headers => server.Client.ServerMetadataAsync(new ServerMetadataRequest(), headers), "x");
        await RefusedAsync(headers => server.Client.RepositoryIndexAsync(new RepositoryIndexRequest(), headers), "f");
        await server.Client.ServerMetadataAsync(new ServerMetadataRequest(), new Metadata { { "x-functions-key", "f" } });
        await server.Client.ServerMetadataAsync(new ServerMetadataRequest(), new Metadata { { "authorization", "Bearer f" } });

        async Task RefusedAsync<T>(Func<Metadata, AsyncUnaryCall<T>> call, string key)
        {
            var error = await Assert.ThrowsAsync<RpcException>(async () => await call(new Metadata { { "x-functions-key", key } }));
            Assert.Equal(StatusCode.Unauthenticated, error.StatusCode);
            Assert.Contains("x-functions-key", error.Status.Detail, StringComparison.Ordinal);
            Assert.Equal("unauthorized", error.Trailers.GetValue("inference-error-code"));
        }
    }

    [Fact]
    public async Task Health_WatchedUntilTheShutdown_ReportsTheEnd()
    {
        await using var server = await GrpcServer.StartAsync("slow");
        using var watch =
            new Health.HealthClient(server.Calls).Watch(new HealthCheckRequest { Service = "inference.GRPCInferenceService" });
        var states = watch.ResponseStream;
        do
            Assert.True(await states.MoveNext(default));
        while (states.Current.Status != HealthCheckResponse.Types.ServingStatus.Serving);
        // A running request keeps the server from ending before it has sent the new health status.
        using var cancellation = new CancellationTokenSource();
        var running = server.Client.ModelInferAsync(GrpcServer.Slow(long.MaxValue), cancellationToken: cancellation.Token).ResponseAsync;
        await server.Process.WaitForOutputAsync("Model slow/1 loaded");

        server.Process.Terminate();

        Assert.True(await states.MoveNext(default));
        Assert.Equal(HealthCheckResponse.Types.ServingStatus.NotServing, states.Current.Status);
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<RpcException>(() => running);
    }

    /// <summary>The HTTP probes report a lost store without loaded models, so gRPC's health must do it, too.</summary>
    [Fact]
    public async Task Health_TheStoreIsLostAndReturns_ReportsBoth()
    {
        await using var server = await GrpcServer.StartAsync([("Models__ReloadInterval", "00:00:01")], "scalar");
        var health = new Health.HealthClient(server.Calls);
        await WaitForAsync(HealthCheckResponse.Types.ServingStatus.Serving);

        Directory.Move(server.PathOf(), server.PathOf() + "-away");
        await WaitForAsync(HealthCheckResponse.Types.ServingStatus.NotServing);
        Directory.Move(server.PathOf() + "-away", server.PathOf());
        await WaitForAsync(HealthCheckResponse.Types.ServingStatus.Serving);

        Task WaitForAsync(HealthCheckResponse.Types.ServingStatus status) =>
            server.Process.WaitUntilAsync(async () => (await health.CheckAsync(new HealthCheckRequest())).Status == status);
    }

    [Fact]
    public async Task Reflection_OfTheService_HasItsMethods()
    {
        await using var server = await GrpcServer.StartAsync("scalar");
        using var call = new ServerReflection.ServerReflectionClient(server.Calls).ServerReflectionInfo();

        await call.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = "inference.GRPCInferenceService" });
        Assert.True(await call.ResponseStream.MoveNext(default));
        var file = FileDescriptorProto.Parser.ParseFrom(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto.Single());
        await call.RequestStream.CompleteAsync();

        Assert.Contains("ModelInfer", file.Service.Single().Method.Select(method => method.Name));
    }

    [Fact]
    public async Task ModelInfer_DeadlineOrTimeoutPasses_IsDeadlineExceededAndStopsTheKernel()
    {
        await using var server = await GrpcServer.StartAsync("slow");
        await server.Client.ModelInferAsync(GrpcServer.Slow(1));
        var timed = GrpcServer.Slow(long.MaxValue);
        timed.Parameters.Add("timeout", new InferParameter { Int64Param = 100_000 });

        // Each iteration sends two calls, more in all than there are compute slots. If one of their runs did not stop, the last request
        // would wait forever.
        for (var i = 0; i < Environment.ProcessorCount; i++)
        {
            var byDeadline = await Assert.ThrowsAsync<RpcException>(
                async () =>
                    await server.Client.ModelInferAsync(
                        GrpcServer.Slow(long.MaxValue), deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(200)));
            var byTimeout = await Assert.ThrowsAsync<RpcException>(async () => await server.Client.ModelInferAsync(timed));
            Assert.Equal((StatusCode.DeadlineExceeded, StatusCode.DeadlineExceeded), (byDeadline.StatusCode, byTimeout.StatusCode));
            Assert.Contains("100 ms", byTimeout.Status.Detail, StringComparison.Ordinal);
        }

        Assert.Equal([5f], (await server.Client.ModelInferAsync(GrpcServer.Slow(1))).Outputs.Single().Contents.Fp32Contents);
    }

    [Fact]
    public async Task ModelInfer_ClientsLeave_TheKernelsStop()
    {
        await using var server = await GrpcServer.StartAsync("slow");
        using var cancellation = new CancellationTokenSource();
        var endless = Enumerable.Range(0, Environment.ProcessorCount + 2)
            .Select(_ => server.Client.ModelInferAsync(GrpcServer.Slow(long.MaxValue), cancellationToken: cancellation.Token).ResponseAsync)
            .ToArray();
        await server.Process.WaitForOutputAsync("Model slow/1 loaded");

        await cancellation.CancelAsync();
        foreach (var call in endless)
            Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call)).StatusCode);

        Assert.Equal([5f], (await server.Client.ModelInferAsync(GrpcServer.Slow(1))).Outputs.Single().Contents.Fp32Contents);
        Assert.DoesNotContain("fail:", server.Process.Output, StringComparison.Ordinal);
    }

    /// <summary>An unknown field makes the message long. The server ignores the content of the field.</summary>
    [Theory]
    [InlineData(null, 5000, StatusCode.ResourceExhausted)]
    [InlineData("gzip", 10, StatusCode.Unimplemented)]
    [InlineData(null, 3000, StatusCode.OK)]
    public async Task ServerLive_MessageOfACallerWithoutAKey_IsShortAndNotCompressed(string? encoding, int length, StatusCode expected)
    {
        await using var server = await GrpcServer.StartAsync("two_in_two_out");
        var padded = ServerLiveRequest.Parser.ParseFrom([0x7a, .. Varint(length), .. new byte[length]]);
        var headers = encoding is null ? new Metadata() : new Metadata { { "grpc-internal-encoding-request", encoding } };

        var status = StatusCode.OK;
        try
        {
            await server.Client.ServerLiveAsync(padded, headers);
        }
        catch (RpcException e)
        {
            status = e.StatusCode;
        }

        Assert.Equal(expected, status);
    }

    /// <summary>The protobuf library reads messages other than infer requests. Its objects use many times the bytes of a message.</summary>
    [Theory]
    [InlineData(100_000, StatusCode.ResourceExhausted)]
    [InlineData(40_000, StatusCode.OK)]
    public async Task ServerMetadata_ManyUnknownFieldsInFewBytes_AreReadUpTo64KiB(int length, StatusCode expected)
    {
        await using var server = await GrpcServer.StartAsync("two_in_two_out");
        byte[] empty = [0x3a, 0];

        var status = await SendAsync(server, [.. Enumerable.Repeat(empty, length / empty.Length).SelectMany(field => field)]);

        Assert.Equal(expected, status);
    }

    [Fact]
    public async Task ServerMetadata_NoProtobuf_IsTheCallersFault()
    {
        await using var server = await GrpcServer.StartAsync("two_in_two_out");

        var status = await SendAsync(server, [0, 0, 0]);

        Assert.Equal(StatusCode.InvalidArgument, status);
        Assert.DoesNotContain("fail:", server.Process.Output, StringComparison.Ordinal);
    }

    private static async Task<StatusCode> SendAsync(GrpcServer server, byte[] message)
    {
        var bytes = Marshallers.Create(static bytes => bytes, static bytes => bytes);
        var method = new Method<byte[], byte[]>(MethodType.Unary, "inference.GRPCInferenceService", "ServerMetadata", bytes, bytes);
        var options = new CallOptions(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        try
        {
            await server.Calls.AsyncUnaryCall(method, host: null, options, message);
            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private static byte[] Varint(int value) => value < 128 ? [(byte)value] : [(byte)(value | 128), .. Varint(value >> 7)];
}
