using System.Net;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>Tests requests that only ONNX Runtime can accept or refuse, over every protocol on HTTP.</summary>
public sealed class UnusualInputsTests(UnusualInputsTests.Server server) : IClassFixture<UnusualInputsTests.Server>
{
    [Fact]
    public async Task Infer_DimensionsOfOneNameWithDifferentSizes_AreAcceptedWhereTheModelTakesThem()
    {
        var response = await server.Process.PostJsonAsync("/v2/models/beside/infer", TwoInputs(2, 3));

        Assert.Equal("[2,5]", Compact(response.GetProperty("outputs")[0].GetProperty("shape")));
        Assert.Equal("[1,2,1,2,3,3,4,4,5,6]", Compact(response.GetProperty("outputs")[0].GetProperty("data")));
    }

    [Fact]
    public async Task Infer_DimensionsThatTheModelRefuses_AreNamedIn400()
    {
        using var response = await server.Process.PostAsync("/v2/models/sum/infer", TwoInputs(2, 3));
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("Input \\u0022b\\u0022 has shape [2,3] and input \\u0022a\\u0022 has [2,2]",
            text.Replace("\\\"", "\\u0022", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/models/scalar/predict", """{"features":41}""", """[42]""", "predictions")]
    [InlineData("/models/scalar/predict", """{"features":[41]}""", """[42]""", "predictions")]
    [InlineData("/models/scalar/predict", """{"inputs":{"x":[41]}}""", """[42]""", "predictions")]
    [InlineData("/v1/models/scalar:predict", """{"inputs":[41]}""", """42.0""", "outputs")]
    [InlineData("/v1/models/scalar:predict", """{"inputs":{"x":41}}""", """42.0""", "outputs")]
    public async Task Predict_AScalar_IsAlsoAcceptedAsOneElement(string path, string body, string expected, string member) =>
        Assert.Equal(expected, Compact((await server.Process.PostJsonAsync(path, body)).GetProperty(member)));

    [Theory]
    [InlineData("[]")]
    [InlineData("[1]")]
    public async Task Infer_AScalar_IsAlsoAcceptedAsOneElement(string shape)
    {
        var response = await server.Process.PostJsonAsync(
            "/v2/models/scalar/infer", $$"""{"inputs":[{"name":"x","datatype":"FP32","shape":{{shape}},"data":[41]}]}""");

        Assert.Equal("""{"name":"y","datatype":"FP32","shape":[],"data":[42]}""", Compact(response.GetProperty("outputs")[0]));
    }

    [Theory]
    [InlineData("/models/constant/predict", """{"inputs":{}}""", "predictions", "[7,7]")]
    [InlineData("/v1/models/constant:predict", """{"inputs":{}}""", "outputs", "[7.0,7.0]")]
    public async Task Predict_AModelWithoutInputs_TakesNone(string path, string body, string member, string expected) =>
        Assert.Equal(expected, Compact((await server.Process.PostJsonAsync(path, body)).GetProperty(member)));

    [Fact]
    public async Task Infer_AModelWithoutInputs_TakesNone()
    {
        var response = await server.Process.PostJsonAsync("/v2/models/constant/infer", """{"inputs":[]}""");

        Assert.Equal("""{"name":"y","datatype":"FP32","shape":[2],"data":[7,7]}""", Compact(response.GetProperty("outputs")[0]));
    }

    [Theory]
    [InlineData("/models/constant/predict", """{"features":[1]}""")]
    [InlineData("/models/constant/predict", """{"inputs":{"x":[1]}}""")]
    [InlineData("/models/constant/predict", """{}""")]
    [InlineData("/v1/models/constant:predict", """{"instances":[1]}""")]
    [InlineData("/v1/models/constant:predict", """{"inputs":[1]}""")]
    [InlineData("/v2/models/constant/infer", """{"inputs":[{"name":"x","datatype":"FP32","shape":[1],"data":[1]}]}""")]
    public async Task Predict_InputsForAModelWithoutInputs_Are400ThatSaysSo(string path, string body)
    {
        using var response = await server.Process.PostAsync(path, body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("has no inputs", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/models/constant")]
    [InlineData("/v2/models/constant")]
    [InlineData("/v2/models/constant/config")]
    [InlineData("/v1/models/constant/metadata")]
    [InlineData("/openapi.json")]
    public async Task Get_OfAModelWithoutInputs_Answers(string path) =>
        Assert.Equal(JsonValueKind.Object, (await server.Process.GetAsync(path)).ValueKind);

    private static string TwoInputs(int a, int b)
    {
        var values = string.Join(',', Enumerable.Range(1, 2 * a));
        var others = string.Join(',', Enumerable.Range(1, 2 * b));
        return $$"""
            {"inputs":[
              {"name":"a","datatype":"FP32","shape":[2,{{a}}],"data":[{{values}}]},
              {"name":"b","datatype":"FP32","shape":[2,{{b}}],"data":[{{others}}]}]}
            """;
    }

    private static string Compact(JsonElement value) => JsonSerializer.Serialize(value);

    public sealed class Server : IAsyncLifetime
    {
        private readonly ModelFolder _folder = new();

        public FunctionsProcess Process { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            _folder.Write(GeneratedModels.Concatenated(), "beside", "1", "model.onnx");
            _folder.Write(GeneratedModels.Sum(), "sum", "1", "model.onnx");
            _folder.Write(GeneratedModels.Constant(), "constant", "1", "model.onnx");
            _folder.Write(await File.ReadAllBytesAsync(TestModels.Path("scalar")), "scalar", "1", "model.onnx");
            Process = await _folder.ServeAsync();
        }

        public async Task DisposeAsync()
        {
            await Process.DisposeAsync();
            _folder.Dispose();
        }
    }
}
