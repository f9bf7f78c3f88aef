using System.Net;
using Inference.Testing;

namespace Functions.Tests.Models;

/// <summary>Tests the warm-up samples of models on the real executable.</summary>
public sealed class WarmUpTests : IDisposable
{
    private const string Features = "{\"features\":[1,0,0,0]}";

    private readonly ModelFolder _folder = new();

    public WarmUpTests() => _folder.WriteScaling("scaling", 1, 2);

    [Theory]
    [InlineData("""{"features":[[1,0,0,0],[2,0,0,0]]}""")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[1,0,0,0]}]}""")]
    public async Task Predict_SampleFits_IsServed(string sample)
    {
        Configure("scaling", sample);
        await using var process = await _folder.ServeAsync();

        Assert.Equal(
            "[[2,0,0,0]]", (await process.PostJsonAsync("/models/scaling/predict", Features)).GetProperty("predictions").ToString());
    }

    [Theory]
    [InlineData("""{"features":[1,2]}""", "shape [1,2] is given")]
    [InlineData("""{"feature":[1,2]}""", "\\\"feature\\\" is unknown")]
    public async Task Predict_SampleIsNoRequestOfTheModel_Is503WithItsPlace(string sample, string reason)
    {
        Configure("scaling", sample);
        await using var process = await _folder.ServeAsync();

        await AssertUnavailableAsync(process, "scaling", "model.json:1:36: $.lifecycle.warmup[0].request: ", reason);
    }

    [Fact]
    public async Task Predict_ModelFailsOnTheSample_Is503()
    {
        TestModels.CopyTo("gather", _folder.PathOf("gather", "1"));
        Configure("gather", """{"inputs":[{"name":"indices","shape":[1],"datatype":"INT64","data":[99]}]}""");
        await using var process = await _folder.ServeAsync();

        await AssertUnavailableAsync(process, "gather", "fails its warm-up on the sample at model.json:1:36");
    }

    /// <summary>If the server accepted the samples unchecked, the next load of the model would fail.</summary>
    [Fact]
    public async Task Load_LoadedModelGetsSamplesThatFail_IsRefusedAndTheModelServes()
    {
        await using var process = await _folder.ServeAsync(("Models__ReloadInterval", "0"));
        await process.PostJsonAsync("/models/scaling/predict", Features);
        Configure("scaling", """{"features":[1,2]}""");

        using var load = await process.PostAsync("/v2/repository/models/scaling/load", "");
        using var unload = await process.PostAsync("/v2/repository/models/scaling/unload", "");

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.OK), (load.StatusCode, unload.StatusCode));
        Assert.Contains("$.lifecycle.warmup[0].request", await load.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await process.PostJsonAsync("/models/scaling/predict", Features);
    }

    public void Dispose() => _folder.Dispose();

    private void Configure(string model, string sample) =>
        _folder.Write("{\"lifecycle\":{\"warmup\":[{\"request\":" + sample + "}]}}", model, "model.json");

    private static async Task AssertUnavailableAsync(FunctionsProcess process, string model, params string[] reasons)
    {
        using var response = await process.PostAsync($"/models/{model}/predict", Features);
        var text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.All(reasons, reason => Assert.Contains(reason, text, StringComparison.Ordinal));
    }
}
