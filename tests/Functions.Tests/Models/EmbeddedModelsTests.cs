using System.Globalization;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;

namespace Functions.Tests.Models;

/// <summary>Compares the models that ship with the executable, over HTTP, with direct calls of ONNX Runtime.</summary>
public sealed class EmbeddedModelsTests(EmbeddedModelsTests.Server server) : IClassFixture<EmbeddedModelsTests.Server>
{
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData("digits", "image", 0.97)]
    [InlineData("iris", "measurements", 0.93)]
    public async Task Predict_ShippedTestSet_IsAccurateAndEqualsDirectCalls(string model, string input, double accuracy)
    {
        var rows = ReadTestSet(model);
        using var direct = new InferenceSession(Path.Combine(AppContext.BaseDirectory, "models", model, "1", "model.onnx"));
        var correct = 0;
        foreach (var (label, features) in rows)
        {
            var response = await server.Process.PostJsonAsync($"/models/{model}/predict", $"{{\"features\":[{features}]}}");

            var scores = Floats(response.GetProperty("predictions")[0]);
            AssertClose(RunDirectly(direct, input, features), scores);
            var best = response.GetProperty("labels")[0][0];
            Assert.Equal(scores.Max(), best.GetProperty("score").GetSingle());
            correct += Array.IndexOf(scores, scores.Max()) == label ? 1 : 0;
        }

        Assert.True(correct >= accuracy * rows.Count, $"{correct} of {rows.Count} are right");
    }

    [Fact]
    public async Task Infer_WholeTestSetAtOnce_EqualsDirectCalls()
    {
        var rows = ReadTestSet("digits");
        using var direct = new InferenceSession(Path.Combine(AppContext.BaseDirectory, "models", "digits", "1", "model.onnx"));

        var response = await server.Process.PostJsonAsync(
            "/v2/models/digits/infer",
            $"{{\"id\":\"all\",\"inputs\":[{{\"name\":\"image\",\"shape\":[{rows.Count},64],\"datatype\":\"FP32\",\"data\":[{string.Join(',', rows.Select(row => row.Features))}]}}]}}");

        var output = response.GetProperty("outputs")[0];
        var scores = Floats(output.GetProperty("data"));
        Assert.Equal("all", response.GetProperty("id").GetString());
        Assert.Equal($"[{rows.Count},10]", output.GetProperty("shape").ToString());
        for (var row = 0; row < rows.Count; row++)
            AssertClose(RunDirectly(direct, "image", rows[row].Features), scores.AsSpan(row * 10, 10));
    }

    [Fact]
    public async Task Metadata_OfAModel_MatchesItsFile()
    {
        var metadata = await server.Process.GetAsync("/v2/models/digits/versions/1");
        var model = await server.Process.GetAsync("/models/digits");

        Assert.Equal("[{\"name\":\"image\",\"datatype\":\"FP32\",\"shape\":[-1,64]}]", metadata.GetProperty("inputs").ToString());
        Assert.Equal("ready", model.GetProperty("versions")[0].GetProperty("state").GetString());
        Assert.Equal(10, model.GetProperty("labels").GetArrayLength());
    }

    [Fact]
    public async Task Models_List_ShowsTheEmbeddedModels()
    {
        var models = (await server.Process.GetAsync("/models")).GetProperty("models").EnumerateArray();

        Assert.Equal(["digits", "entities", "iris"], models.Select(model => model.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/v2/health/live")]
    [InlineData("/v2/health/ready")]
    [InlineData("/v2")]
    [InlineData("/v2/models/digits/ready")]
    [InlineData("/v2/models/digits/versions/1/ready")]
    public async Task Get_ProbeOrMetadata_Answers200(string path)
    {
        using var response = await server.Process.Client.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(200, (int)response.StatusCode);
    }

    private static List<(int Label, string Features)> ReadTestSet(string model) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "models", "recipes", $"{model}-test.csv")).Select(line =>
        {
            var comma = line.IndexOf(',', StringComparison.Ordinal);
            return (int.Parse(line[..comma], CultureInfo.InvariantCulture), line[(comma + 1)..]);
        })];

    private static float[] RunDirectly(InferenceSession session, string input, string features)
    {
        var values = features.Split(',').Select(value => float.Parse(value, CultureInfo.InvariantCulture)).ToArray();
        using var tensor = OrtValue.CreateTensorValueFromMemory(values, [1, values.Length]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, [input], [tensor], ["probabilities"]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private static float[] Floats(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetSingle())];

    private static void AssertClose(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], Tolerance);
    }

    public sealed class Server : IAsyncLifetime
    {
        public FunctionsProcess Process { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            Process = await FunctionsProcess.StartAsync();
            await Process.WaitUntilReadyAsync();
        }

        public async Task DisposeAsync() => await Process.DisposeAsync();
    }
}
