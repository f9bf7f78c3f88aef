using System.Net;
using System.Text.Json;
using Functions.Tests.OpenInferenceGrpc;
using Grpc.Core;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Testing;

namespace Functions.Tests.Protocols;

/// <summary>
/// Tests behavior that Triton's clients need although the protocol does not require it. Trials with the clients showed these needs.
/// </summary>
public sealed class TritonClientTests : IDisposable
{
    private readonly ModelFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The asyncio client accepts gzip, but decompresses only infer responses.</summary>
    [Fact]
    public async Task Index_ClientTakesGzip_IsNotCompressed()
    {
        for (var model = 0; model < 30; model++)
            _folder.WriteScaling($"scaling-{model}", 1, 2);
        await using var process = await _folder.ServeAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/repository/index");
        request.Headers.Add("Accept-Encoding", "gzip, deflate");

        using var response = await process.Client.SendAsync(request);

        Assert.Empty(response.Content.Headers.ContentEncoding);
        Assert.InRange(response.Content.Headers.ContentLength!.Value, 1500, 10_000);
        Assert.Equal(30, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task Index_OfReadyModels_HasNoOtherModel()
    {
        _folder.WriteScaling("loaded", 1, 2);
        _folder.WriteScaling("unloaded", 1, 2);
        await using var process = await _folder.ServeAsync();
        await process.PostJsonAsync("/models/loaded/predict", "{\"features\":[1,0,0,0]}");

        var ready = await process.PostJsonAsync("/v2/repository/index", "{\"ready\":true}");
        var all = await process.PostJsonAsync("/v2/repository/index", "{\"ready\":false}");

        Assert.Equal("loaded", ready.EnumerateArray().Single().GetProperty("name").GetString());
        Assert.Equal(2, all.GetArrayLength());
    }

    /// <summary>If the server ignored an override, the client would believe that the override is in use.</summary>
    [Theory]
    [InlineData("{\"parameters\":{\"config\":\"{\\\"max_batch_size\\\":16}\"}}",
        "parameters.config: this server reads a model's files and settings only from the model store. Change them there")]
    [InlineData("{\"parameters\":{\"config\":\"{}\",\"file:1/model.onnx\":\"AA==\"}}", "parameters.config")]
    [InlineData("{\"parameters\":{\"file:1/model.onnx\":\"AA==\"}}", "parameters.file:1/model.onnx")]
    [InlineData("[]", "a JSON object is expected")]
    public async Task Load_WithAnOverride_IsRefused(string body, string expected)
    {
        _folder.WriteScaling("scaling", 1, 2);
        await using var process = await _folder.ServeAsync();

        using var response = await process.PostAsync("/v2/repository/models/scaling/load", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        AssertText.Contains(expected, await ErrorAsync(response));
    }

    [Fact]
    public async Task Load_WithAnOverrideOverGrpc_IsRefused()
    {
        await using var server = await GrpcServer.StartAsync("scalar");
        var request = new RepositoryModelLoadRequest
        {
            ModelName = "scalar",
            Parameters = { ["config"] = new ModelRepositoryParameter { StringParam = "{}" } }
        };

        var error = await Assert.ThrowsAsync<RpcException>(() => server.Client.RepositoryModelLoadAsync(request).ResponseAsync);

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains("parameters.config", error.Status.Detail, StringComparison.Ordinal);
    }

    /// <summary>The clients show the member "error" of a body, and fail on a body without this member.</summary>
    [Theory]
    [InlineData("/v2/systemsharedmemory/status", HttpStatusCode.NotFound, "There is no route at /v2/systemsharedmemory/status.")]
    [InlineData("/v2", HttpStatusCode.Unauthorized, "x-functions-key")]
    public async Task Get_RequestThatTheServerRefuses_HasAnError(string path, HttpStatusCode status, string expected)
    {
        await using var process = await FunctionsProcess.StartAsync(("Keys__Function", "f-key"));

        using var response = await process.Client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(status, response.StatusCode);
        AssertText.Contains(expected, await ErrorAsync(response));
    }

    /// <summary>Clients for images read the order of an image's dimensions. Other clients read the served versions.</summary>
    [Theory]
    [InlineData("\"all\"", "{\"all\":{}}")]
    [InlineData("{\"latest\":2}", "{\"latest\":{\"num_versions\":2}}")]
    [InlineData("{\"specific\":[1]}", "{\"specific\":{\"versions\":[1]}}")]
    public async Task Config_OfAnImageModel_ReturnsItsLayoutAndVersions(string serve, string policy)
    {
        TestModels.CopyTo("pixels", _folder.PathOf("pixels", "1"));
        _folder.Write($$"""{"image":{"height":2,"width":2},"versions":{"serve":{{serve}} } }""", "pixels", "model.json");
        await using var process = await _folder.ServeAsync(("Grpc__Urls", "http://127.0.0.1:0"));
        using var channel = global::Grpc.Net.Client.GrpcChannel.ForAddress(await process.GrpcAddress);

        var json = await process.GetAsync("/v2/models/pixels/config");
        var message = (await new GRPCInferenceService.GRPCInferenceServiceClient(channel)
            .ModelConfigAsync(new ModelConfigRequest { Name = "pixels" })).Config;

        Assert.Equal(policy, json.GetProperty("version_policy").GetRawText());
        Assert.Equal("FORMAT_NCHW", json.GetProperty("input")[0].GetProperty("format").GetString());
        Assert.Equal(ModelInput.Types.Format.Nchw, message.Input.Single().Format);
        Assert.Contains(policy.Split('"')[1], message.VersionPolicy.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfigOverGrpc_OfAReshapedModel_HasReshapeAndLabelFile()
    {
        TestModels.CopyTo("fixed_batch", _folder.PathOf("reshaped", "1"));
        _folder.Write(
            """
            max_batch_size: 0
            input [ { name: "x" dims: [ 2, 2 ] reshape { shape: [ 1, 4 ] } } ]
            output [ { name: "y" dims: [ 1, 4 ] label_filename: "animals.txt" } ]
            """,
            "reshaped", "config.pbtxt");
        _folder.Write("a\nb\nc\nd\n", "reshaped", "animals.txt");
        await using var process = await _folder.ServeAsync(("Grpc__Urls", "http://127.0.0.1:0"));
        using var channel = global::Grpc.Net.Client.GrpcChannel.ForAddress(await process.GrpcAddress);

        var config = (await new GRPCInferenceService.GRPCInferenceServiceClient(channel)
            .ModelConfigAsync(new ModelConfigRequest { Name = "reshaped" })).Config;

        Assert.Equal([2, 2], config.Input.Single().Dims.ToArray());
        Assert.Equal([1, 4], config.Input.Single().Reshape.Shape.ToArray());
        Assert.Equal("animals.txt", config.Output.Single().LabelFilename);
        Assert.Null(config.Output.Single().Reshape);
    }

    private static async Task<string> ErrorAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString()!;
}
