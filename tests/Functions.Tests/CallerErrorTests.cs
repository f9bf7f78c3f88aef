using System.Text;
using Grpc.Core;
using Grpc.Net.Client;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>
/// Tests models that do not load. Callers get the reason without paths and source lines; the log and the repository index contain the whole
/// reason.
/// </summary>
public sealed class CallerErrorTests(CallerErrorTests.Server server) : IClassFixture<CallerErrorTests.Server>
{
    private const string Body = """{"features":[[1,2,3,4]]}""";

    public static TheoryData<string, string, string> Routes => new()
    {
        { "POST", "/models/MODEL/predict", Body },
        { "GET", "/models/MODEL", "" },
        { "GET", "/models", "" },
        { "POST", "/v2/models/MODEL/infer", """{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}""" },
        { "GET", "/v2/models/MODEL", "" },
        { "GET", "/v2/models/MODEL/ready", "" },
        { "GET", "/v2/models/MODEL/stats", "" },
        { "GET", "/v2/models/MODEL/config", "" },
        { "POST", "/v1/models/MODEL:predict", """{"instances":[[1,2,3,4]]}""" },
        { "GET", "/v1/models/MODEL", "" },
        { "GET", "/v1/models/MODEL/metadata", "" },
        { "POST", "/v1/embeddings", """{"model":"MODEL","input":"a"}""" },
        { "GET", "/health/ready", "" },
        { "GET", "/metrics", "" },
        { "GET", "/openapi.json", "" },
    };

    [Theory]
    [MemberData(nameof(Routes))]
    public async Task Call_ModelThatDoesNotLoad_ContainsNoPathAndNoSourceLine(string method, string path, string body)
    {
        foreach (var model in Server.Models)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), path.Replace("MODEL", model, StringComparison.Ordinal));
            if (body.Length > 0)
            {
                request.Content =
                    new StringContent(body.Replace("MODEL", model, StringComparison.Ordinal), Encoding.UTF8, "application/json");
            }

            using var response = await server.App.Client.SendAsync(request);

            AssertHidden(await response.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Call_Grpc_ContainsNoPathAndNoSourceLine()
    {
        using var channel = GrpcChannel.ForAddress(await server.App.GrpcAddress);
        var client = new GRPCInferenceService.GRPCInferenceServiceClient(channel);
        foreach (var model in Server.Models)
        {
            var request = new ModelInferRequest { ModelName = model };
            var error = await Assert.ThrowsAsync<RpcException>(async () => await client.ModelInferAsync(request));
            using var stream = client.ModelStreamInfer();
            await stream.RequestStream.WriteAsync(request);
            Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));

            AssertHidden(error.Status.Detail);
            AssertHidden(stream.ResponseStream.Current.ErrorMessage);
            Assert.Contains(model, error.Status.Detail, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("garbage", "garbage/1/model.onnx")]
    [InlineData("future", "IR version")]
    [InlineData("tokens", "input_ids")]
    public async Task Predict_ModelThatDoesNotLoad_NamesTheReason(string model, string reason)
    {
        using var response = await server.App.PostAsync($"/models/{model}/predict", model == "tokens" ? """{"text":"a"}""" : Body);

        AssertText.Contains(reason, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Index_ModelThatDoesNotLoad_ShowsAdministratorsAll()
    {
        (await server.App.PostAsync("/models/garbage/predict", Body)).Dispose();
        (await server.App.PostAsync("/models/future/predict", Body)).Dispose();

        using var response = await server.App.PostAsync("/v2/repository/index", "");
        var index = await response.Content.ReadAsStringAsync();

        Assert.Contains(server.Folder.PathOf("garbage", "1", "model.onnx"), index, StringComparison.Ordinal);
        Assert.Contains(".cc:", index, StringComparison.Ordinal);
        await server.App.WaitForOutputAsync(server.Folder.PathOf("garbage", "1", "model.onnx"));
        await server.App.WaitForOutputAsync(".cc:");
    }

    private void AssertHidden(string response)
    {
        Assert.DoesNotContain(server.Folder.Path, response, StringComparison.Ordinal);
        Assert.DoesNotContain(Path.GetTempPath(), response, StringComparison.Ordinal);
        Assert.DoesNotContain("/etc/", response, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\.(cc|cpp|h):\d", response);
        Assert.DoesNotContain("onnxruntime_src", response, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", response, StringComparison.Ordinal);
    }

    /// <summary>One server for all tests.</summary>
    public sealed class Server : IAsyncLifetime
    {
        /// <summary>
        /// "garbage" is not a model, and "future" has a later format. "linked" is a link out of the folder. "tokens" has settings for
        /// texts, but no text inputs.
        /// </summary>
        public static readonly string[] Models = ["garbage", "future", "linked", "tokens"];

        public FunctionsProcess App { get; private set; } = null!;

        public ModelFolder Folder { get; } = new();

        public async Task InitializeAsync()
        {
            Folder.Write("no model", "garbage", "1", "model.onnx");
            // The first field of a model is the version of its format.
            var future = File.ReadAllBytes(TestModels.Path("fixed_batch"));
            Assert.Equal(0x08, future[0]);
            future[1] = 99;
            Folder.Write(future, "future", "1", "model.onnx");
            Directory.CreateDirectory(Folder.PathOf("linked", "1"));
            File.CreateSymbolicLink(Folder.PathOf("linked", "1", "model.onnx"), "/etc/hostname");
            TestModels.CopyTo("fixed_batch", Folder.PathOf("tokens", "1"));
            Folder.Write("""{"text":{"tokenizer":"wordpiece"}}""", "tokens", "model.json");
            App = await Folder.ServeAsync(("Grpc__Urls", "http://127.0.0.1:0"));
        }

        public async Task DisposeAsync()
        {
            await App.DisposeAsync();
            Folder.Dispose();
        }
    }
}
