using System.Text.Json;
using Functions.Tests.Telemetry;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>
/// Tests batch contracts on the real executable. The item axis decides the form of requests, and the batch contract decides whether
/// requests share runs.
/// </summary>
public sealed class BatchContractTests : IDisposable
{
    private const string FourImages = "[[1,0,0,0,101],[1,1,0,0,102],[0,0,0,0,103],[1,0,0,0,104]]";
    private const string FourAnswers = "[[0,101],[1,102],[1,102],[3,104]]";

    private readonly ModelFolder _folder = new();

    [Theory]
    [InlineData(null, null, null)]
    [InlineData("model.json", """{"batching":{"contract":"none","maxBatch":1}}""", "none")]
    [InlineData("model.json", """{"batching":{"maxBatch":1}}""", null)]
    [InlineData("config.pbtxt", "max_batch_size: 0\ninput [ { name: \"x\" data_type: TYPE_FP32 dims: [ -1, 5 ] } ]", "none")]
    // The declared contract is wrong. The second image shows this, because its run has two output rows.
    [InlineData("model.json", """{"batching":{"contract":"declared","maxBatch":1}}""", "declared")]
    public async Task Predict_RowsThatDependOnTheData_AreThoseOfTheRequestAsItWasSent(string? file, string? settings, string? contract)
    {
        Copy("finder");
        if (file is not null)
            _folder.Write(settings!, "finder", file);
        await using var process = await _folder.ServeAsync();

        Assert.Equal(FourAnswers, await PredictAsync(process, "finder", FourImages));
        var forty = await PredictAsync(process, "finder", $"[{string.Join(',', Enumerable.Range(0, 40).Select(i => $"[1,0,0,0,{i}]"))}]");
        Assert.EndsWith(",[39,39]]", forty, StringComparison.Ordinal);
        var version = (await process.GetAsync("/models/finder")).GetProperty("versions")[0];
        var shown = version.GetProperty("batching").GetProperty("contract").GetString();
        Assert.True(contract is null ? shown is "pending" or "notProven" : shown == contract, shown);
    }

    [Fact]
    public async Task Predict_DeclaredModelBreaksItsContract_IsShownEverywhere()
    {
        Copy("finder");
        _folder.Write("""{"batching":{"contract":"declared","maxDelay":"00:00:00.005"}}""", "finder", "model.json");
        await using var process = await _folder.ServeAsync();

        await PredictAsync(process, "finder", "[[1,0,0,0,5]]");
        Assert.Equal(0, (await Scrape.ReadAsync(process))["""inference_batch_contract_broken{model="finder",version="1"}"""]);
        Assert.Equal("[[0,5],[0,5]]", await PredictAsync(process, "finder", "[[1,1,0,0,5]]"));

        const string Violation = "Output \"y\" had shape [2,2] for 1 item; one row for each item is expected.";
        var version = (await process.GetAsync("/models/finder")).GetProperty("versions")[0];
        Assert.Equal(("declared", Violation),
            (version.GetProperty("batching")
                .GetProperty("contract").GetString(), version.GetProperty("batching").GetProperty("violation").GetString()));
        Assert.Contains("every request runs as it was sent", version.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal("ready", version.GetProperty("state").GetString());
        Assert.Equal(1, (await Scrape.ReadAsync(process))["""inference_batch_contract_broken{model="finder",version="1"}"""]);
        await process.WaitForOutputAsync(
            $"Model finder/1: The model broke its batch contract, so every request runs as it was sent. {Violation}");
    }

    [Fact]
    public async Task Settings_WithoutAContract_AreWarnedAbout()
    {
        Copy("finder");
        _folder.Write("""{"batching":{"contract":"none","maxDelay":"00:00:00.005","padding":{}}}""", "finder", "model.json");
        await using var process = await _folder.ServeAsync();
        await PredictAsync(process, "finder", "[[1,0,0,0,5]]");

        var warning = Assert.Single((await process.GetAsync("/models/finder")).GetProperty("warnings").EnumerateArray());

        Assert.Equal("$.batching.maxDelay", warning.GetProperty("path").GetString());
        Assert.Contains("Write \"contract\": \"declared\"", warning.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Under a proven contract, padding is only a permission, so the model is served without it.</summary>
    [Fact]
    public async Task Padding_OfAnUnknownInputWithoutADeclaredContract_IsWarnedAbout()
    {
        Copy("identity_float");
        _folder.Write("""{"batching":{"padding":{"nosuch":0}}}""", "identity_float", "model.json");
        await using var process = await _folder.ServeAsync();

        var warning = Assert.Single((await process.GetAsync("/models/identity_float")).GetProperty("warnings").EnumerateArray());

        Assert.Equal(
            ("model.json", "$.batching.padding", "The model has no input \"nosuch\". Requests of different lengths run separately."),
            (warning.GetProperty("file").GetString(), warning.GetProperty("path").GetString(), warning.GetProperty("message").GetString()));
    }

    /// <summary>tf2onnx and PaddlePaddle give the batch dimension another name in each tensor.</summary>
    [Fact]
    public async Task Items_OfDimensionsWithNamesOfTheirOwn_AreItems()
    {
        Copy("two_names");
        _folder.Write("zero\none\n", "two_names", "1", "labels.txt");
        _folder.Write("max_batch_size: 8", "two_names", "config.pbtxt");
        await using var process = await _folder.ServeAsync();

        var classes = await process.PostJsonAsync(
            "/v2/models/two_names/infer",
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[3,2],"data":[0.9,0.1,0.2,0.8,0.3,0.7]}],"outputs":[{"name":"y","parameters":{"classification":1}}]}""");
        var one = await process.PostJsonAsync("/models/two_names/predict", """{"features":[0.9,0.1]}""");
        var two = await process.PostJsonAsync("/models/two_names/predict", """{"features":[[0.9,0.1],[0.2,0.8]]}""");

        var output = classes.GetProperty("outputs")[0];
        Assert.Equal(("[3,1]", """["0.9:0:zero","0.8:1:one","0.7:1:one"]"""),
            (output.GetProperty("shape").ToString(), output.GetProperty("data").ToString()));
        Assert.Equal("zero", one.GetProperty("labels")[0][0].GetProperty("label").GetString());
        Assert.Equal("one", two.GetProperty("labels")[1][0].GetProperty("label").GetString());
        Assert.Equal(8, (await process.GetAsync("/v2/models/two_names/config")).GetProperty("max_batch_size").GetInt32());
    }

    public void Dispose() => _folder.Dispose();

    private void Copy(string model) => TestModels.CopyTo(model, _folder.PathOf(model, "1"));

    private static async Task<string> PredictAsync(FunctionsProcess process, string model, string features)
    {
        JsonElement response = await process.PostJsonAsync($"/models/{model}/predict", $$"""{"features":{{features}}}""");
        return response.GetProperty("predictions").ToString();
    }
}
