using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests.Protocols;

/// <summary>Tests TensorFlow Serving's REST API on the real executable.</summary>
public sealed class TensorFlowServingTests(TensorFlowServingTests.Server server) : IClassFixture<TensorFlowServingTests.Server>
{
    [Theory]
    [InlineData("/v1/models/scaling:predict", """{"instances":[[1,2,3,4]]}""", """{"predictions":[[3.0,6.0,9.0,12.0]]}""")]
    [InlineData("/v1/models/scaling/versions/1:predict", """{"instances":[[1,2,3,4]]}""", """{"predictions":[[2.0,4.0,6.0,8.0]]}""")]
    [InlineData(
        "/v1/models/scaling/labels/stable:predict", """{"instances":[{"x":[1,2,3,4]}]}""", """{"predictions":[[2.0,4.0,6.0,8.0]]}""")]
    [InlineData("/v1/models/scaling:predict", """{"signature_name":"serving_default","inputs":[[1,NaN,3,-Infinity]]}""",
        """{"outputs":[[3.0,NaN,9.0,-Infinity]]}""")]
    [InlineData("/v1/models/two_in_two_out:predict", """{"instances":[{"a":[1,2,3],"b":[1,1,1]},{"a":[0,0,0],"b":[2,2,2]}]}""",
        """{"predictions":[{"sum":[2.0,3.0,4.0],"product":[1.0,2.0,3.0]},{"sum":[2.0,2.0,2.0],"product":[0.0,0.0,0.0]}]}""")]
    [InlineData("/v1/models/two_in_two_out:predict", """{"inputs":{"a":[[1,2,3]],"b":[[1,1,1]]}}""",
        """{"outputs":{"sum":[[2.0,3.0,4.0]],"product":[[1.0,2.0,3.0]]}}""")]
    [InlineData("/v1/models/identity_string:predict", """{"instances":[{"b64":"aGk="},"text",{"b64":"//4="}]}""",
        """{"predictions":["hi","text",{"b64":"//4="}]}""")]
    public async Task Predict_RowsAndColumns_AreMirrored(string path, string body, string expected)
    {
        // curl -d sends this content type.
        using var content = new StringContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");

        using var response = await server.Process.Client.PostAsync(new Uri(path, UriKind.Relative), content);

        Assert.Equal((HttpStatusCode.OK, expected), (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    [Theory]
    [InlineData("/v1/models/unknown:predict", """{"instances":[1]}""", 404, "There is no model unknown")]
    [InlineData("/v1/models/scaling/versions/9:predict", """{"instances":[1]}""", 404, "no version 9")]
    [InlineData("/v1/models/scaling/versions/stable:predict", """{"instances":[1]}""", 404, "no version \"stable\"")]
    [InlineData("/v1/models/scaling/labels/canary:predict", """{"instances":[1]}""", 404, "no version labelled \"canary\"")]
    [InlineData("/v1/models/scaling/labels/1:predict", """{"instances":[1]}""", 404, "no version labelled \"1\"")]
    [InlineData("/v1/models/scaling:predict", """{"instances":[1]}""", 400, "instances: shape [1] is given, but input \"x\" takes [1,4]")]
    [InlineData("/v1/models/scaling:predict", "", 400, "The body is empty; a JSON object is expected.")]
    [InlineData("/v1/models/scaling:predict", """{"signature_name":"x","instances":[1]}""", 400, "the model has one signature")]
    [InlineData("/v1/models/two_in_two_out:predict", """{"inputs":{"a":[[1,2,3]]}}""", 400, "Missing input \"b\"")]
    [InlineData("/v1/models/broken:predict", """{"instances":[1]}""", 503, "does not load")]
    public async Task Predict_WrongRequest_NamesTheProblemAsThere(string path, string body, int status, string message)
    {
        using var response = await server.Process.PostAsync(path, body);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains(message, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement
            .GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/models/fixed_batch", "1 AVAILABLE OK")]
    [InlineData("/v1/models/scaling/versions/1", "1 AVAILABLE OK")]
    [InlineData("/v1/models/scaling/labels/stable", "1 AVAILABLE OK")]
    [InlineData("/v1/models/broken", "1 END UNAVAILABLE")]
    [InlineData("/v1/models/broken/versions/1", "1 END UNAVAILABLE")]
    public async Task Status_OfAnUnloadedModel_LoadsTheModel(string path, string expected)
    {
        var response = await server.Process.GetAsync(path);
        var statuses = response.GetProperty("model_version_status").EnumerateArray().Select(status =>
            $"{status.GetProperty("version")} {status.GetProperty("state")} {status.GetProperty("status").GetProperty("error_code")}");

        Assert.Equal([expected], statuses);
        // The first protocol of KServe has the same call, with the member "ready".
        Assert.Equal(expected.Contains("AVAILABLE OK", StringComparison.Ordinal), response.GetProperty("ready").GetBoolean());
    }

    [Theory]
    [InlineData("/v1/models/unknown")]
    [InlineData("/v1/models/scaling/versions/9")]
    [InlineData("/v1/models/scaling/labels/canary/metadata")]
    public async Task Get_UnknownPath_Is404(string path)
    {
        using var response = await server.Process.Client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("error", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    /// <summary>Someone may open the address of the predict call in a browser.</summary>
    [Theory]
    [InlineData("/v1/models/scaling:predict", null)]
    [InlineData("/v1/models/scaling:predict", "Bearer any")]
    [InlineData("/v1/models/scaling/versions/1:predict", null)]
    [InlineData("/v1/models/scaling/labels/stable:predict", null)]
    public async Task Get_PathOfAPredictCall_Is405(string path, string? authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        using var response = await server.Process.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["OPTIONS", "POST"], response.Content.Headers.Allow.Order());
        Assert.Equal("methodNotAllowed", response.Headers.GetValues("Inference-Error-Code").Single());
        Assert.Equal($$"""{"error":"{{path}} accepts only POST."}""", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("PUT", "/v1/models/scaling:predict", "OPTIONS POST")]
    [InlineData("OPTIONS", "/v1/models/scaling:predict", "OPTIONS POST")]
    [InlineData("DELETE", "/v1/models/scaling/versions/1:predict", "OPTIONS POST")]
    [InlineData("PATCH", "/v1/models/scaling/labels/stable:predict/", "OPTIONS POST")]
    [InlineData("PUT", "/v1/models/scaling", "GET HEAD OPTIONS")]
    [InlineData("OPTIONS", "/v1/models/scaling/versions/1", "GET HEAD OPTIONS")]
    public async Task OtherMethods_PathOfACall_NameTheMethodsOfThisPath(string method, string path, string methods)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);

        using var response = await server.Process.Client.SendAsync(request);

        Assert.Equal(method == "OPTIONS" ? HttpStatusCode.NoContent : HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(methods, string.Join(' ', response.Content.Headers.Allow.Order()));
    }

    [Theory]
    [InlineData("/v1/models/scaling/metadata", "2")]
    [InlineData("/v1/models/scaling/versions/1/metadata", "1")]
    [InlineData("/v1/models/scaling/labels/stable/metadata", "1")]
    public async Task Metadata_OfAVersion_HasItsSignature(string path, string version)
    {
        var metadata = await server.Process.GetAsync(path);

        Assert.Equal(("scaling", version),
            (metadata.GetProperty("model_spec")
                .GetProperty("name").GetString(), metadata.GetProperty("model_spec").GetProperty("version").GetString()));
        var signature =
            metadata.GetProperty("metadata").GetProperty("signature_def").GetProperty("signature_def").GetProperty("serving_default");
        Assert.Equal("DT_FLOAT", signature.GetProperty("inputs").GetProperty("x").GetProperty("dtype").GetString());
    }

    public sealed class Server : IAsyncLifetime
    {
        private readonly ModelFolder _models = new();

        public FunctionsProcess Process { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            foreach (var model in (string[])["two_in_two_out", "identity_string", "fixed_batch"])
                TestModels.CopyTo(model, _models.PathOf(model, "1"));
            _models.WriteScaling("scaling", 1, 2);
            _models.WriteScaling("scaling", 2, 3);
            _models.Write("""{"versions":{"labels":{"stable":1}}}""", "scaling", "model.json");
            _models.Write("no model", "broken", "1", "model.onnx");
            Process = await _models.ServeAsync();
        }

        public async Task DisposeAsync()
        {
            await Process.DisposeAsync();
            _models.Dispose();
        }
    }
}
