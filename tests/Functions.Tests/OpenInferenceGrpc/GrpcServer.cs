using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Testing;

namespace Functions.Tests.OpenInferenceGrpc;

/// <summary>The real executable with gRPC turned on, and a gRPC client.</summary>
public sealed class GrpcServer : IAsyncDisposable
{
    private readonly TempFolder _folder;
    private readonly GrpcChannel _channel;

    private GrpcServer(TempFolder folder, FunctionsProcess process, GrpcChannel channel) =>
        (_folder, Process, _channel) = (folder, process, channel);

    public FunctionsProcess Process { get; }

    public string PathOf(params string[] parts) => _folder.Combine(["models", .. parts]);

    public CallInvoker Calls => _channel.CreateCallInvoker();

    internal GRPCInferenceService.GRPCInferenceServiceClient Client => new(Calls);

    public static Task<GrpcServer> StartAsync(params string[] models) => StartAsync([], models);

    public static async Task<GrpcServer> StartAsync((string Name, string Value)[] settings, params string[] models)
    {
        var folder = new TempFolder();
        foreach (var model in models)
            TestModels.CopyTo(model, folder.Combine("models", model, "1"));
        var process = await FunctionsProcess.StartAsync(
            [("Models__Source", folder.Combine("models")), ("Models__CacheDirectory", folder.Combine("cache")),
                ("Grpc__Urls", "http://127.0.0.1:0"), .. settings]);
        return new GrpcServer(
            folder, process, GrpcChannel.ForAddress(await process.GrpcAddress, new GrpcChannelOptions { MaxReceiveMessageSize = null }));
    }

    /// <summary>Creates a request for the model <c>slow</c>, which runs for the given number of iterations.</summary>
    internal static ModelInferRequest Slow(long iterations) => new()
    {
        ModelName = "slow",
        Inputs =
        {
            new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "FP32", Shape = { 1, 1 },
                Contents = new() { Fp32Contents = { 5 } } },
            new ModelInferRequest.Types.InferInputTensor { Name = "n", Datatype = "INT64",
                Contents = new() { Int64Contents = { iterations } } },
        },
    };

    /// <summary>Creates a request with one input in raw form.</summary>
    internal static ModelInferRequest Raw(string model, string input, string datatype, long[] shape, byte[] data) => new()
    {
        ModelName = model,
        Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = input, Datatype = datatype, Shape = { shape } } },
        RawInputContents = { ByteString.CopyFrom(data) },
    };

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await Process.DisposeAsync();
        _folder.Dispose();
    }
}
