using Grpc.Net.Client;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Testing;

namespace Functions.Tests.Memory;

/// <summary>The server under attack, with a memory budget and a model that multiplies rows of four numbers.</summary>
internal sealed class MemoryTarget : IAsyncDisposable
{
    public const string Model = "scaling";

    /// <summary>A model that takes one item, and whose outputs may differ in size from item to item.</summary>
    public const string Detector = "boxes";

    private readonly ModelFolder _folder;
    private readonly GrpcChannel _channel;

    private MemoryTarget(ModelFolder folder, FunctionsProcess process, GrpcChannel channel) =>
        (_folder, Process, _channel) = (folder, process, channel);

    public FunctionsProcess Process { get; }

    internal GRPCInferenceService.GRPCInferenceServiceClient Grpc => new(_channel);

    public static async Task<MemoryTarget> StartAsync(long budget)
    {
        var folder = new ModelFolder();
        folder.Write(GeneratedModels.Scaling(2), Model, "1", "model.onnx");
        folder.Write(OnnxText.Compile("""
            in x f32[1,1]
            const first i64[1] 0
            places = NonZero(x); y = Unsqueeze(places, first); z = Identity(y)
            out y i64[1,2,boxes]; out z i64[1,2,boxes]
            """), Detector, "1", "model.onnx");
        var process = await folder.ServeAsync(("Http__MemoryBudget", $"{budget}"), ("Grpc__Urls", "http://127.0.0.1:0"));
        var handler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true };
        var channel = GrpcChannel.ForAddress(
            await process.GrpcAddress,
            new GrpcChannelOptions
            {
                HttpHandler = handler,
                DisposeHttpClient = true,
                MaxReceiveMessageSize = null,
                MaxSendMessageSize = null
            });
        return new MemoryTarget(folder, process, channel);
    }

    /// <summary>Posts a body, and reads the response without keeping it.</summary>
    /// <returns>The status.</returns>
    public async Task<int> PostAsync(string path, HttpContent content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        using var response = await Process.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await response.Content.CopyToAsync(Stream.Null, cancellationToken);
        return (int)response.StatusCode;
    }

    /// <summary>Returns the bytes that requests use at the moment.</summary>
    public async Task<long> RequestBytesAsync() =>
        (await Process.GetAsync("/status")).GetProperty("memory").GetProperty("requests").GetInt64();

    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await Process.DisposeAsync();
        _folder.Dispose();
    }
}
