using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>Tests the forms of a predict body on the real executable.</summary>
public sealed class PredictTests(PredictTests.Server server) : IClassFixture<PredictTests.Server>
{
    [Theory]
    [InlineData("""{"inputs":{"a":[1,2,3],"b":[4,5,6]}}""", """[{"sum":[5,7,9],"product":[4,10,18]}]""")]
    [InlineData("""{"inputs":{"b":[[4,5,6],[1,1,1]],"a":[[1,2,3],[0,0,2]]}}""",
        """[{"sum":[5,7,9],"product":[4,10,18]},{"sum":[1,1,3],"product":[0,0,2]}]""")]
    public async Task Predict_NamedInputs_AreTheModels(string body, string expected)
    {
        var response = await server.Process.PostJsonAsync("/models/two_in_two_out/predict", body);

        Assert.Equal(expected, response.GetProperty("predictions").ToString());
    }

    [Theory]
    [InlineData("two_in_two_out", """{"features":[1,2,3]}""", "Name them")]
    [InlineData("two_in_two_out", """{"inputs":{"a":[1,2,3]}}""", "Missing input \"b\"")]
    [InlineData("two_in_two_out", """{"inputs":{"a":[1,2],"b":[1,2,3]}}""", "inputs.a: shape [1,2] is given")]
    public async Task Predict_WrongNamedInputs_NameTheProblem(string model, string body, string detail)
    {
        using var response = await server.Process.PostAsync($"/models/{model}/predict", body);

        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(detail, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement
            .GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_TopK_IsTheNumberOfLabels()
    {
        var response =
            await server.Process.PostJsonAsync("/models/labelled/predict", """{"features":[[1,5,3,4]],"parameters":{"top_k":2}}""");

        Assert.Equal("""[[{"label":"b","score":10},{"label":"d","score":8}]]""", response.GetProperty("labels").ToString());
    }

    [Fact]
    public async Task GetModel_LabelsForIntegers_AreAWarning()
    {
        var response = await server.Process.PostJsonAsync("/models/counts/predict", """{"features":[[1,2]]}""");
        var warning = Assert.Single((await server.Process.GetAsync("/models/counts")).GetProperty("warnings").EnumerateArray());

        Assert.False(response.TryGetProperty("labels", out _));
        Assert.Equal("labels.txt", warning.GetProperty("file").GetString());
        Assert.Contains(
            "There are 2 labels, but no output has one floating-point score per label", warning.GetProperty("message").GetString(),
            StringComparison.Ordinal);
    }

    public sealed class Server : IAsyncLifetime
    {
        private readonly ModelFolder _models = new();

        public FunctionsProcess Process { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            TestModels.CopyTo("two_in_two_out", _models.PathOf("two_in_two_out", "1"));
            _models.WriteScaling("labelled", 1, 2);
            _models.Write("a\nb\nc\nd\n", "labelled", "1", "labels.txt");
            _models.Write(OnnxText.Compile("in x i64[n,2]; y = Identity(x); out y i64[n,2]"), "counts", "1", "model.onnx");
            _models.Write("a\nb\n", "counts", "1", "labels.txt");
            Process = await _models.ServeAsync();
        }

        public async Task DisposeAsync()
        {
            await Process.DisposeAsync();
            _models.Dispose();
        }
    }
}
